import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { ServerUs } from '@tutti/clock'
import { MonotonicClock, MonotonicTimers } from '@tutti/protocol/node'
import type AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import type { AudioSource, OpenSource } from '../../src/audio-source.js'
import { parseLocation } from '../../src/location.js'
import { createOpenSource } from '../../src/node/source/open-source.js'
import { openStdin } from '../../src/node/source/pipe-source.js'
import { channelOf } from './fixtures.js'

const rate = 48_000
/** A second and a half of a ramp that tells every frame from every other. */
const ramp = Float32Array.from({ length: 72_000 }, (_, i) => (i + 1) / 96_000)

function loudest(block: AudioBuffer): number {
  return block.getChannelData(0).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
}

/** Blocks until `wanted` says so, 10 s of them at most; that one included. */
async function blocksUntil(source: AudioSource, wanted: (block: AudioBuffer) => boolean): Promise<AudioBuffer[]> {
  const blocks: AudioBuffer[] = []
  while (blocks.length < 500) {
    const block = await source.read()
    if (block === undefined) throw new Error('it ended')
    blocks.push(block)
    if (wanted(block)) return blocks
  }
  throw new Error('it never came')
}

describe('Pipes and programs', () => {
  let folder: string
  let problems: string[]
  let open: OpenSource
  const opened: AudioSource[] = []

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-'))
    problems = []
    const openAny = createOpenSource(undefined, {
      allowsPrograms: true,
      onProblem: (problem) => problems.push(problem),
    })
    open = async (location, fromMs) => {
      const source = await openAny(location, fromMs)
      opened.push(source)
      return source
    }
  })
  afterEach(async () => {
    for (const source of opened.splice(0)) await source.close()
    await rm(folder, { recursive: true })
  })

  async function rampFile(): Promise<string> {
    const path = join(folder, 'ramp.raw')
    await writeFile(path, new Uint8Array(ramp.buffer))
    return path
  }

  it('play a file sent down a pipe frame for frame, at our pace, again and again, and wait in silence between', async () => {
    const path = join(folder, 'music')
    execFileSync('mkfifo', [path])
    const source = await open(`fifo:${path}?format=f32le&rate=${rate}&channels=1&latency=100`, 0)
    expect(source.sampleRate).to.equal(rate)
    const file = await rampFile()
    for (let time = 0; time < 2; time++) {
      expect(loudest((await source.read())!)).to.equal(0)
      // Longer than a pipe holds, so that it is seen to wait for us.
      spawn('sh', ['-c', 'cat "$1" "$1" > "$2"', 'sh', file, path])
      await blocksUntil(source, (block) => loudest(block) > 0)
      const samples = channelOf(await blocksUntil(source, (block) => loudest(block) > 0.7), 0)
      expect(samples[1000]).to.be.within(1000 / 96_000, 2000 / 96_000) // from its first frame, give or take a block
      for (let i = 1000; i < 50_000; i++) {
        if (Math.abs(samples[i]! - samples[i - 1]! - 1 / 96_000) > 1e-6) throw new Error(`a step at ${i}`)
      }
      if (time === 0) await blocksUntil(source, (block) => loudest(block) === 0)
    }
    await source.close()
    expect(await source.read()).to.equal(undefined)
    expect(problems).to.deep.equal([])
  }).timeout(40_000)

  it('end with standard input, once all of it has been heard', async () => {
    const clock = new MonotonicClock<ServerUs>()
    const location = parseLocation(`-?format=f32le&rate=${rate}&channels=1&latency=50`)
    if (location.kind !== 'stdin') throw new Error(location.kind)
    const input = new PassThrough()
    input.end(new Uint8Array(ramp.buffer))
    const time = { clock, timers: new MonotonicTimers<ServerUs>(clock) }
    const source = openStdin('-', location.format, time, input, (problem) => problems.push(problem))
    const blocks: AudioBuffer[] = []
    for (let block = await source.read(); block !== undefined; block = await source.read()) blocks.push(block)
    expect(Math.max(...blocks.map(loudest))).to.be.above(0.7)
    expect(problems).to.deep.equal(['standard input: has ended; the queue goes on.'])
    await source.close()
  })

  it('start a program, hear it, start it anew when it ends, and say so once', async () => {
    const file = await rampFile()
    const source = await open(
      `exec:sh -c 'cat "$0"; echo no more >&2; exit 3' "${file}"?format=f32le&rate=${rate}&channels=1&latency=100`,
      0,
    )
    await blocksUntil(source, (block) => loudest(block) > 0.5)
    await blocksUntil(source, (block) => loudest(block) === 0)
    await blocksUntil(source, (block) => loudest(block) > 0.5)
    await source.close()
    expect(problems).to.deep.equal(['sh: sh ended with 3 (no more). Waiting for it to come back.'])
  })

  it('leave no program behind, nor what it started', async () => {
    const pids = join(folder, 'pids')
    const script = `echo $$ > "$0"; sleep 60 & echo $! >> "$0"; wait`
    const source = await open(`exec:sh -c '${script}' "${pids}"`, 0)
    let running: readonly number[] = []
    for (let tries = 0; tries < 100 && running.length < 2; tries++) {
      await source.read()
      running = execFileSync('sh', ['-c', `cat "$0" 2>/dev/null || true`, pids], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => line !== '')
        .map(Number)
    }
    expect(running).to.have.length(2)
    await source.close()
    for (const pid of running) expect(isRunning(pid), `${pid}`).to.equal(false)
  })

  it('are refused, in one line, unless the server allows them', async () => {
    for (const location of ['exec:true', 'fifo:/tmp/x', '-', 'alsa:default']) {
      const problem = await createOpenSource(undefined)(location, 0).catch((error: Error) => error.message)
      expect(problem).to.match(/: programs, pipes and line inputs are not allowed here; /)
    }
  })

  it('are allowed one by one, word for word: nobody can ask for another in their place', async () => {
    const named = `exec:head -c 1000 /dev/zero`
    const openNamed = createOpenSource(undefined, {
      allowsPrograms: false,
      allowed: [named],
      onProblem: () => undefined,
    })
    const source = await openNamed(named, 0)
    await source.close()
    for (const location of ['exec:head -c 1000 /dev/urandom', `${named} `, 'exec:true', '-']) {
      const problem = await openNamed(location, 0).catch((error: Error) => error.message)
      expect(problem).to.match(/: programs, pipes and line inputs are not allowed here; /)
    }
  })

  it('say in one line what is missing or wrong', async () => {
    const notPipe = join(folder, 'notes.txt')
    await writeFile(notPipe, 'hello')
    const cases: readonly (readonly [location: string, problem: RegExp])[] = [
      [`fifo:${folder}/none`, /^none: there is no such pipe; make it with: mkfifo .*\/none$/],
      [`fifo:${notPipe}`, /^notes.txt: is not a named pipe; make one with mkfifo\.$/],
      [
        'exec:no-such-program --loud',
        /^no-such-program: there is no program no-such-program; install it, or give its full path\.$/,
      ],
      [
        'alsa:no-such-card',
        /^alsa:no-such-card: (there is no such line input|there is no program arecord; install alsa-utils)/,
      ],
      ['exec:', /names nothing; put a command after the colon\.$/],
      ['fifo:/tmp/x?format=u8', /has format=u8; use one of s16le, s24le, s32le, f32le\.$/],
      ['-?rate=7', /has a rate that is not between 8000 and 192000 Hz\.$/],
    ]
    for (const [location, problem] of cases) {
      expect(await open(location, 0).catch((error: Error) => error.message)).to.match(problem)
    }
  })
})

/** Zombies are gone: only their parent has not noticed. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z')
  } catch {
    return false
  }
}
