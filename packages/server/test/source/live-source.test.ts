import { setImmediate } from 'node:timers/promises'
import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import type { AudioSource } from '../../src/audio-source.js'
import { createLiveSource } from '../../src/node/source/live-source.js'
import { SourceProblem } from '../../src/node/source/source-problem.js'
import type { Pcm } from '../../src/node/source/stream-decoder.js'

const sampleRate = 8000
/** Of 48 kHz, 16 bit, stereo: what matters is how much of it a pipe holds. */
const bytesPerS = 192_000
/** On the left, each frame is one such step above the one before; the right is always 1, and tells how it is faded. */
const step = 2 ** -20

interface Heard {
  readonly atMs: number
  /** Number of the source's frame; undefined in silence. */
  readonly frame: number | undefined
}

interface Given {
  /** Of its first frame on the timeline. */
  readonly atMs: number
  readonly givenMs: number
  /** Number of the source's frame it begins with; undefined in silence. */
  readonly firstFrame: number | undefined
  readonly frames: number
}

/** A live source in virtual time. What arrives while the process stands still arrives once it looks at its pipes. */
class LiveDesk {
  readonly source: AudioSource
  readonly heard: Heard[] = []
  /** The blocks, by when each was given. */
  readonly given: Given[] = []
  #nowUs = 0
  #wakes: { readonly atUs: number; readonly run: () => void }[] = []
  #arrivals: { readonly atUs: number; readonly frames: number }[]
  readonly #waiting: Pcm[] = []
  #given = 0
  #hasEnded = false
  #more: (() => void) | undefined
  readonly #endsAtUs: number
  readonly #idleMs: number | undefined
  readonly problems: string[] = []

  /**
   * @param arrivals when how much comes, in ms; in order
   * @param idleMs of a station, which breaks off when nothing comes for so long, and is listened to anew
   * @param isAsItComes whether it is to be given as it comes
   */
  constructor(
    latencyMs: number,
    arrivals: readonly (readonly [atMs: number, lengthMs: number])[],
    endsAtMs = Infinity,
    idleMs?: number,
    isAsItComes = false,
  ) {
    this.#idleMs = idleMs
    this.#arrivals = arrivals.map(([atMs, lengthMs]) => ({ atUs: atMs * 1000, frames: lengthMs * 8 }))
    this.#endsAtUs = endsAtMs * 1000
    this.source = createLiveSource(
      {
        location: '-',
        sampleRate,
        channels: 2,
        latencyMs,
        isAsItComes,
        bytesPerS: idleMs === undefined ? bytesPerS : undefined,
        isOverAtEnd: idleMs === undefined,
        tags: () => ({}),
        onProblem: (problem) => this.problems.push(problem),
        listen: () => this.#listen(),
      },
      {
        clock: { now: () => this.#nowUs as ServerUs },
        timers: {
          wakeAt: (at, run) => this.#wakeAt(at, run),
        },
      },
    )
  }

  /** Reads for as long as it is before `untilMs`; the process stands still between `frozen`. */
  async run(untilMs: number, frozen: readonly [fromMs: number, toMs: number] = [Infinity, Infinity]): Promise<this> {
    while (this.#nowUs < untilMs * 1000) {
      const block = await this.#read(frozen)
      if (block === undefined) break
      const [left, right] = [block.getChannelData(0), block.getChannelData(1)]
      const atMs = this.heard.length / (sampleRate / 1000)
      for (const [i, level] of right.entries())
        this.heard.push({
          atMs: this.heard.length / (sampleRate / 1000),
          frame: level < 1e-3 ? undefined : left[i]! / level / step - 1,
        })
      const frame = right[0]! < 0.5 ? undefined : this.heard.at(-block.length)!.frame
      this.given.push({ atMs, givenMs: this.#nowUs / 1000, firstFrame: frame, frames: block.length })
    }
    return this
  }

  /** Numbers of the frames heard, between the fades. */
  get frames(): readonly number[] {
    return this.heard.flatMap(({ frame }) => (frame === undefined ? [] : [frame]))
  }

  /** How long ago what is heard came, where something is, between two times. */
  ages(fromMs: number, toMs: number): readonly number[] {
    return this.heard.flatMap(({ atMs, frame }) =>
      frame === undefined || atMs < fromMs || atMs > toMs ? [] : [atMs - frame / (sampleRate / 1000)],
    )
  }

  /** Silence after the first sound and before the last, in ms. */
  get gapMs(): number {
    const first = this.heard.findIndex(({ frame }) => frame !== undefined)
    const last = this.heard.findLastIndex(({ frame }) => frame !== undefined)
    const silent = this.heard.slice(first, last).filter(({ frame }) => frame === undefined).length
    return silent / (sampleRate / 1000)
  }

  async #read([fromMs, toMs]: readonly [number, number]) {
    let isDone = false
    const reading = this.source.read().finally(() => {
      isDone = true
    })
    reading.catch(() => undefined) // until it is looked at
    for (;;) {
      await setImmediate()
      this.#poll()
      await setImmediate()
      if (isDone) return reading
      this.#wakes.sort((a, b) => a.atUs - b.atUs)
      const arrivesAt = this.#arrivals[0]?.atUs ?? (this.#hasEnded ? Infinity : this.#endsAtUs)
      const wake = this.#wakes[0]
      const nextUs = Math.min(wake?.atUs ?? Infinity, Math.max(arrivesAt, this.#nowUs + 1))
      const isFrozen = nextUs > fromMs * 1000 && nextUs < toMs * 1000
      this.#nowUs = Math.max(isFrozen ? toMs * 1000 : nextUs, this.#nowUs)
      if (wake !== undefined && wake.atUs <= this.#nowUs) {
        this.#wakes.shift()
        wake.run()
      }
    }
  }

  #wakeAt(atUs: number, run: () => void): () => void {
    const wake = { atUs, run }
    this.#wakes.push(wake)
    return () => {
      this.#wakes = this.#wakes.filter((other) => other !== wake)
    }
  }

  #poll(): void {
    while (this.#arrivals.length > 0 && this.#arrivals[0]!.atUs <= this.#nowUs) {
      const { frames } = this.#arrivals.shift()!
      const left = Float32Array.from({ length: frames }, () => ++this.#given * step)
      this.#waiting.push({ channels: [left, new Float32Array(frames).fill(1)], sampleRate })
    }
    this.#hasEnded = this.#nowUs >= this.#endsAtUs
    this.#more?.()
  }

  async *#listen(): AsyncGenerator<Pcm> {
    for (;;) {
      const pcm = this.#waiting.shift()
      if (pcm !== undefined) yield pcm
      else if (this.#hasEnded) return
      else if (!(await this.#somethingNew()))
        throw new SourceProblem('http://station/', 'has sent nothing for a while.')
    }
  }

  /** False when a station has been idle for too long. */
  #somethingNew(): Promise<boolean> {
    return new Promise((resolve) => {
      const idleMs = this.#idleMs
      const cancel = idleMs === undefined ? undefined : this.#wakeAt(this.#nowUs + idleMs * 1000, () => resolve(false))
      this.#more = () => {
        if (this.#waiting.length === 0 && !this.#hasEnded) return
        cancel?.()
        resolve(true)
      }
    })
  }
}

/** Lumps of `lumpMs` at `speed` times real time. */
function lumps(fromMs: number, forMs: number, lumpMs: number, speed = 1): readonly (readonly [number, number])[] {
  return Array.from({ length: forMs / lumpMs }, (_, n) => [fromMs + ((n + 1) * lumpMs) / speed, lumpMs] as const)
}

/** Every frame from `from` to before `to` is heard once, in order, but for a little at the edges of a fade. */
function expectAll(frames: readonly number[], from: number, to: number): void {
  const edge = 40
  const inner = frames.filter((frame) => frame > from + edge && frame < to - edge)
  for (let i = 1; i < inner.length; i++) {
    if (Math.abs(inner[i]! - inner[i - 1]! - 1) > 0.01) throw new Error(`${inner[i - 1]} is followed by ${inner[i]}`)
  }
  expect(inner[0]).to.be.below(from + edge + 2)
  expect(inner.at(-1)).to.be.above(to - edge - 2)
}

function extremes(values: readonly number[]): readonly [least: number, most: number] {
  return values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity])
}

describe('A live source', () => {
  it('that gives a second at once and ends is heard from its first frame to its last', async () => {
    for (const latencyMs of [50, 100, 200]) {
      const desk = await new LiveDesk(latencyMs, lumps(0, 800, 40, 1000), 5).run(3000)
      expectAll(desk.frames, 0, 6400)
      expect(desk.gapMs).to.equal(0)
    }
  })

  it('that is taken as it comes is given when it comes, in pieces of 10 ms at most, and waited for when it is late', async () => {
    const lateMs = (n: number): number => (n === 1000 ? 9 : n === 2000 || n === 3000 ? 60 : 0)
    for (const lumpMs of [5, 10, 12, 50]) {
      let cameMs = 0
      const arrivals = lumps(0, 40_000, lumpMs).map(([atMs, lengthMs], n) => {
        cameMs = Math.max(cameMs, atMs + lateMs(n))
        return [cameMs, lengthMs] as const
      })
      const desk = await new LiveDesk(200, arrivals, Infinity, undefined, true).run(39_000)
      expect(desk.gapMs, `${lumpMs} ms`).to.equal(0)
      // Its last frame is given within 3 ms of its arrival, and the rest of a long lump at its own pace.
      for (const { givenMs, firstFrame, frames } of desk.given.filter(({ atMs }) => atMs > 1000)) {
        expect(firstFrame, `${lumpMs} ms, at ${givenMs}`).to.not.equal(undefined)
        const last = Math.ceil((firstFrame! + frames) / 8 / lumpMs) - 1
        const [arrivedMs] = arrivals[Math.min(last, arrivals.length - 1)]!
        expect(givenMs - arrivedMs, `${lumpMs} ms, at ${givenMs}`).to.be.within(-0.01, Math.max(3, lumpMs - 8))
        expect(frames).to.be.within(20, 100)
      }
    }
  })

  it('that is taken as it comes is silent where it pauses, and begins again with what comes then', async () => {
    const arrivals = [...lumps(0, 10_000, 10), ...lumps(15_000, 10_000, 10)]
    const desk = await new LiveDesk(200, arrivals, Infinity, undefined, true).run(20_000)
    expect(desk.gapMs).to.be.within(4800, 5250)
    const after = desk.given.filter(({ atMs, firstFrame }) => atMs > 15_500 && firstFrame !== undefined)
    expect(after.length).to.be.above(300)
    for (const { givenMs, firstFrame, frames } of after)
      expect(givenMs - 5000 - (firstFrame! + frames) / 8).to.be.within(-0.01, 12)
  })

  it('that gives less than a second at once, now and then, is heard each time', async () => {
    const desk = await new LiveDesk(100, [
      [10, 800],
      [3000, 600],
      [6000, 300],
    ]).run(8000)
    expectAll(desk.frames, 0, 6400)
    expectAll(desk.frames, 6400, 6400 + 4800)
    expectAll(desk.frames, 6400 + 4800, 6400 + 4800 + 2400)
  })

  it('that comes a few times as fast as it lasts is heard from its first frame, frame for frame', async () => {
    for (const speed of [3, 8]) {
      const desk = await new LiveDesk(100, lumps(0, 12_000, 40, speed)).run(12_000)
      expectAll(desk.frames, 0, 80_000)
      expect(desk.gapMs).to.equal(0)
    }
  })

  it('that had some audio stored before we came is as near as asked for', async () => {
    const desk = await new LiveDesk(100, [[5, 340], ...lumps(5, 20_000, 20)]).run(15_000)
    const ages = desk.ages(1000, 15_000)
    for (const age of extremes(ages)) expect(age + 340).to.be.within(95, 125) // the first frames were older than their arrival
    expect(desk.gapMs).to.equal(0)
  })

  it('that comes in lumps longer than what is held is heard without a gap', async () => {
    const desk = await new LiveDesk(200, lumps(0, 20_000, 500)).run(18_000)
    expect(desk.gapMs).to.equal(0)
    expectAll(desk.frames, 0, 8 * 17_000)
  })

  it('that gave a little, paused, and then goes on in its own time, is followed', async () => {
    const desk = await new LiveDesk(100, [[0, 60], ...lumps(1000, 20_000, 20)]).run(15_000)
    const ages = desk.ages(6000, 15_000)
    expect(ages.length).to.equal(9000 * 8 + 1)
    for (const age of extremes(ages)) expect(age).to.be.within(1000 - 60 + 90, 1000 - 60 + 125)
  })

  it('whose lumps are as long as 2 s is followed where so much is held', async () => {
    const desk = await new LiveDesk(2500, lumps(0, 60_000, 2000)).run(50_000)
    expect(desk.gapMs).to.equal(0)
    const ages = desk.ages(10_000, 50_000)
    for (const age of extremes(ages)) expect(age).to.be.closeTo(2500, 20)
  })

  it('that is a station silent for 30 s is silent in step but for what was held, and says so once', async () => {
    const desk = new LiveDesk(
      2000,
      [[100, 4000], ...lumps(100, 10_000, 50), ...lumps(40_100, 20_000, 50)],
      Infinity,
      10_000,
    )
    await desk.run(58_000)
    expect(desk.gapMs).to.be.within(27_900, 28_000 + 2300)
    expect(desk.heard.length / 8).to.be.closeTo(58_000, 10)
    expect(desk.problems).to.deep.equal(['station/: has sent nothing for a while. Waiting for it to come back.'])
  })

  it('that is a station gone for good is given up after eight attempts', async () => {
    const desk = new LiveDesk(2000, lumps(0, 20_000, 50), Infinity, 10_000)
    const problem = await desk.run(600_000).catch((error: Error) => error.message)
    expect(problem).to.equal('station/: has sent nothing for a while.')
    expect(desk.heard.length / 8000).to.be.closeTo(20 + 9 * 10 + 91.5, 1) // patience, and the pauses between attempts
    expect(desk.problems).to.have.length(1)
  })

  it('that is there for a minute at a time, though it gives nothing, is never given up', async () => {
    const desk = await new LiveDesk(2000, lumps(0, 20_000, 50), Infinity, 61_000).run(620_000)
    expect(desk.heard.length / 8000).to.be.closeTo(620, 1)
  }).timeout(20_000)

  it('is heard without a gap though the process stood still for longer than what is held', async () => {
    const desk = new LiveDesk(60, lumps(0, 20_000, 10))
    await desk.run(10_000, [5000, 5120])
    expect(desk.gapMs).to.equal(0)
    const ages = desk.ages(9000, 10_000)
    for (const age of extremes(ages)) expect(age).to.be.within(50, 75)
  })

  it('is as near as before after the process stood still for half a second', async () => {
    const desk = await new LiveDesk(200, lumps(0, 20_000, 20)).run(15_000, [5000, 5600])
    // 350 ms of the timeline were stood in for, and are not read.
    const ages = desk.ages(10_000, 14_000)
    for (const age of extremes(ages)) expect(age).to.be.within(200 - 350 - 10, 200 - 350 + 25)
    expect(desk.gapMs).to.be.below(300)
  })
})
