import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { mixMusic } from '../src/music.js'
import { run } from './program.js'

const commands = ['serve', 'join', 'devices', 'demo', 'simulate', 'measure', 'status', 'announce', 'pair']
const sampleRate = 48_000

/** Two channels of 16 bits. */
function wav(left: Float32Array, right: Float32Array): Uint8Array {
  const bytes = Buffer.alloc(44 + left.length * 4)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.write('WAVEfmt ', 8)
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(2, 22)
  bytes.writeUInt32LE(sampleRate, 24)
  bytes.writeUInt32LE(sampleRate * 4, 28)
  bytes.writeUInt16LE(4, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36)
  bytes.writeUInt32LE(left.length * 4, 40)
  for (let i = 0; i < left.length; i++) {
    bytes.writeInt16LE(Math.round(left[i]! * 32_767), 44 + 4 * i)
    bytes.writeInt16LE(Math.round(right[i]! * 32_767), 46 + 4 * i)
  }
  return bytes
}

function music(seconds: number, fromFrame: number): Float32Array {
  const left = new Float32Array(seconds * sampleRate)
  mixMusic(fromFrame, [left, new Float32Array(left.length)])
  return left
}

describe('The tutti program', function () {
  this.timeout(30_000)
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-program-'))
  })

  after(() => rm(folder, { recursive: true, force: true }))

  it('says what it is, and its version', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await run(['--version'])).to.include({ code: 0, stdout: `${version}\n`, stderr: '' })
    const help = await run(['--help'])
    expect(help.code).to.equal(0)
    for (const command of commands) expect(help.stdout).to.match(new RegExp(`^  ${command} `, 'm'))
  })

  for (const command of commands) {
    it(`teaches ${command} with an example`, async () => {
      const { code, stdout, stderr } = await run([command, '--help'])
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
      expect(stdout).to.match(new RegExp(`Examples:\\n {2}\\$ tutti ${command}`))
      expect(stdout).to.include('--json')
    })
  }

  const mistakes: readonly (readonly [what: string, words: readonly string[], says: RegExp])[] = [
    ['an unknown command', ['dance'], /unknown command 'dance'/],
    ['an unknown option', ['demo', '--loud'], /unknown option '--loud'/],
    ['a missing argument', ['measure'], /missing required argument/],
    ['a port that is none', ['serve', '--port', '99999'], /whole number from 0 to 65535/],
    ['an empty number', ['demo', '--rooms', ''], /whole number/],
    ['an unknown network', ['simulate', '--network', 'pigeon'], /home-wifi/],
    ['an unknown output', ['join', '--output', 'trumpet'], /wav:FILE/],
    ['an address that is none', ['join', 'http://example.org'], /ws:\/\/host/],
    ['options that do not go together', ['simulate', '--table', '2', '--json'], /leave out --json/],
  ]
  for (const [what, words, says] of mistakes) {
    it(`answers ${what} with one line and exit code 2`, async () => {
      const { code, stdout, stderr } = await run(words)
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' })
      expect(stderr)
        .to.match(/^tutti: [^\n]+\n$/)
        .and.to.match(says)
    })
  }

  const misfortunes: readonly (readonly [what: string, words: readonly string[], says: RegExp])[] = [
    ['a file that is not there', ['demo', 'nowhere.flac'], /nowhere\.flac: no such file/],
    ['a recording that is not there', ['measure', 'a.wav', 'b.wav'], /no such file/],
    [
      'a sound card that is not there',
      ['join', '--device', 'hw:CARD=nowhere'],
      /ALSA|"hw:CARD=nowhere".*tutti devices/,
    ],
    ['a test of one', ['devices', '--test', 'hw:CARD=nowhere'], /ALSA|"hw:CARD=nowhere".*tutti devices/],
    ['nobody answering', ['status', '--port', '1'], /is tutti serve running/],
    ['a plot that cannot be written', ['simulate', '--hours', '0.05', '--plot', 'no/where.svg'], /--plot/],
  ]
  for (const [what, words, says] of misfortunes) {
    it(`answers ${what} with one line and exit code 1`, async () => {
      const { code, stdout, stderr } = await run(words, folder)
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' })
      expect(stderr)
        .to.match(/^tutti: [^\n]+\n$/)
        .and.to.match(says)
    })
  }

  it('measures two recordings', async () => {
    const [early, late] = [music(6, 480_000), music(6, 480_000 - 480)]
    await writeFile(join(folder, 'early.wav'), wav(early, early))
    await writeFile(join(folder, 'late.wav'), wav(late, late))
    const { code, stdout } = await run(['measure', 'early.wav', 'late.wav', '--json'], folder)
    expect(code).to.equal(0)
    const { rooms } = JSON.parse(stdout)
    expect(rooms[0].name).to.equal('late.wav')
    expect(rooms[0].offsetUs).to.be.closeTo(10_000, 0.5)
    expect(rooms[0].driftPpm).to.be.closeTo(0, 0.2)
    expect((await run(['measure', 'early.wav', 'late.wav'], folder)).stdout).to.match(/offset +\+10\.0 ms, later/)
  })

  it('measures the two channels of one recording', async () => {
    await writeFile(join(folder, 'both.wav'), wav(music(6, 480_000 - 24), music(6, 480_000)))
    const { stdout } = await run(['measure', 'both.wav', '--json'], folder)
    expect(JSON.parse(stdout).rooms[0].offsetUs).to.be.closeTo(-500, 0.5)
  })

  it('simulates, and says so in one line of JSON', async () => {
    const words = ['simulate', '--rooms', '3', '--hours', '0.1', '--network', 'quiet-lan', '--seed', '7', '--json']
    const [first, again] = [await run(words, folder), await run(words, folder)]
    expect(first.stdout.trimEnd().split('\n')).to.have.length(1)
    const { elapsedS, ...report } = JSON.parse(first.stdout)
    const { elapsedS: _, ...sameReport } = JSON.parse(again.stdout)
    expect(elapsedS).to.be.above(0)
    expect(report).to.deep.equal(sameReport)
    expect(Object.keys(report)).to.deep.equal([
      'rooms',
      'hours',
      'seed',
      'network',
      'spreadUs',
      'perRoomErrorUs',
      'underruns',
      'jumps',
      'settleS',
    ])
    expect(report).to.include({ rooms: 3, hours: 0.1, seed: 7, network: 'quiet-lan' })
    expect(report.perRoomErrorUs).to.have.length(3)
  })

  it('simulates several seeds as a Markdown table', async () => {
    const { stdout } = await run(['simulate', '--hours', '0.05', '--network', 'quiet-lan', '--table', '2'], folder)
    const rows = stdout.split('\n').filter((line) => line.startsWith('|'))
    expect(rows).to.have.length(4)
    expect(rows[2]).to.match(/^\| 1 \| [\d.]+ \|/)
  })

  it('draws what it simulated', async () => {
    const { stdout } = await run(['simulate', '--hours', '0.05', '--plot', 'spread.svg'], folder)
    expect(stdout)
      .to.include('Plot: spread.svg')
      .and.to.match(/p50 .* p95 .* p99 /)
    expect(await readFile(join(folder, 'spread.svg'), 'utf8')).to.match(/^<svg /)
  })
})
