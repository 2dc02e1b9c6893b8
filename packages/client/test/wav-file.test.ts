import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { LocalClock } from '../src/node/local-clock.js'
import { OutputError, openOutput } from '../src/node/outputs/open-output.js'
import { WavFile } from '../src/node/outputs/wav-file.js'

const format = { sampleRate: 8_000, channels: 2, sample: 'float32' } as const

/** The chunks of a RIFF file by name. @throws if its lengths contradict each other */
function readChunks(path: string): Map<string, Buffer> {
  const file = readFileSync(path)
  expect(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 12)).to.equal('RIFFWAVE')
  expect(file.readUInt32LE(4)).to.equal(file.length - 8)
  const chunks = new Map<string, Buffer>()
  let at = 12
  while (at < file.length) {
    const length = file.readUInt32LE(at + 4)
    chunks.set(file.toString('latin1', at, at + 4), file.subarray(at + 8, at + 8 + length))
    at += 8 + length
  }
  expect(at).to.equal(file.length)
  return chunks
}

describe('WavFile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-wav-'))
  const path = join(folder, 'room.wav')
  after(() => rmSync(folder, { recursive: true }))

  it('keeps float samples to the bit, and says how many there are', async () => {
    const file = await WavFile.create(path, format)
    const left = Float32Array.of(0.1, -2, 3e-9)
    file.append(3, [left, left.map((sample) => -sample)])
    file.append(1)
    await file.close()
    const chunks = readChunks(path)
    const data = chunks.get('data')!
    const samples = Array.from({ length: 8 }, (_, i) => data.readFloatLE(4 * i))
    expect(samples).to.deep.equal([...left].flatMap((sample) => [sample, -sample]).concat(0, 0))
    expect(chunks.get('fact')!.readUInt32LE(0)).to.equal(4)
    const fmt = chunks.get('fmt ')!
    expect([fmt.readUInt16LE(0), fmt.readUInt16LE(2), fmt.readUInt32LE(4), fmt.readUInt16LE(14)]).to.deep.equal([
      3, 2, 8_000, 32,
    ])
  })

  it('rounds and limits 16-bit samples', async () => {
    const file = await WavFile.create(path, { sampleRate: 8_000, channels: 1, sample: 'int16' })
    file.append(4, [Float32Array.of(0.5, 1, 7, -7)])
    await file.close()
    const data = readChunks(path).get('data')!
    expect([0, 2, 4, 6].map((at) => data.readInt16LE(at))).to.deep.equal([16_384, 32_767, 32_767, -32_767])
  })

  it('leaves a readable file behind a crash', async () => {
    const file = await WavFile.create(path, format)
    file.append(8_000)
    const deadline = Date.now() + 5_000
    while (readFileSync(path).length < 64_058 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(readChunks(path).get('data')!.length).to.equal(64_000)
    await file.close()
  })

  it('ends at the longest a WAV file can be, with what it has and a reason', async () => {
    const file = await WavFile.create(path, format, 8_000)
    file.append(1_500)
    expect(file.failure?.message).to.match(/room\.wav has reached 4 GiB/)
    await file.close()
    expect(readChunks(path).get('data')!.length).to.equal(8_000)
  })

  it('gives up rather than fill memory when the disk takes nothing', async () => {
    const file = await WavFile.create(path, format)
    // All in one turn, so that not even the first write can finish.
    for (let second = 0; second < 10; second++) file.append(8_000)
    expect(file.failure?.message).to.match(/the disk has not taken any of .*room\.wav for 4 s/)
    await file.close()
    expect(readChunks(path).get('data')!.length).to.equal(5 * 64_000)
  })

  it('says in one line why a file cannot be written', async () => {
    const spec = { kind: 'wav', path: join(folder, 'no', 'such', 'room.wav'), sample: 'float32' } as const
    let message = ''
    await openOutput(spec, format, new LocalClock()).catch((error) => {
      expect(error).to.be.instanceOf(OutputError)
      message = error.message
    })
    expect(message).to.match(/^cannot open the wav output: ENOENT.*room\.wav'$/)
  })

  it('records the periods a player renders, one after the other', async () => {
    const output = await openOutput(
      { kind: 'wav', path, sample: 'float32' },
      { sampleRate: 8_000, channels: 1 },
      new LocalClock(),
    )
    let next = 1
    let wholeUntil = 0
    await new Promise<void>((resolve, reject) => {
      output.start((period, [samples]) => {
        if (output.underruns === 0) wholeUntil = next
        for (let i = 0; i < period.frames; i++) samples![i] = next++
        if (next > 2_000) resolve()
      }, reject)
    })
    await output.stop()
    const data = readChunks(path).get('data')!
    const recorded = Array.from({ length: data.length / 4 }, (_, i) => data.readFloatLE(4 * i))
    expect(recorded.slice(0, wholeUntil - 1)).to.deep.equal(Array.from({ length: wholeUntil - 1 }, (_, i) => i + 1))
    expect(recorded.length).to.be.at.least(wholeUntil - 1)
  })
})
