/** A sound card behind ALSA's own functions, in virtual time: waiting for it is what makes time pass. */
import type { Clock, LocalUs } from '@tutti/clock'
import { type AlsaLibrary, alsa, type Handle } from '../../src/node/outputs/alsa/alsa-library.js'

export interface FakeCard {
  readonly rates: readonly number[]
  readonly channels: number
  readonly formats: readonly number[]
  readonly bufferFrames: number
  readonly periodFrames: number
  /** Its position moves by so many frames at a time, though it wakes its writer at the ends of periods. */
  readonly burstFrames: number
}

export const ordinaryCard: FakeCard = {
  rates: [44_100, 48_000],
  channels: 2,
  formats: [2],
  bufferFrames: 4_800,
  periodFrames: 480,
  burstFrames: 1,
}

const pcm = 1n as Handle
const parameters = 2n as Handle

export class FakeAlsa {
  /** Names of the functions called, but for those called with every chunk. */
  readonly calls: string[] = []
  /** What the next calls return instead of doing their work, one by one, by function name. */
  readonly trouble: Record<string, number[]> = {}
  readonly clock: Clock<LocalUs> = { now: () => this.nowUs as LocalUs }
  nowUs = 1e9
  state = 2
  /** A card that takes nothing, as one whose cable is half out. */
  isStuck = false
  queued = 0
  readonly #card: FakeCard
  #rate = 48_000
  #availMin = 1
  #playedUntilUs = 0
  #playedFrames = 0

  constructor(card: Partial<FakeCard> = {}) {
    this.#card = { ...ordinaryCard, ...card }
  }

  get library(): AlsaLibrary {
    const { bufferFrames, periodFrames, channels, formats } = this.#card
    return {
      open: (to) => this.#perform('open', () => put(to, pcm)),
      close: () => this.#perform('close', () => 0),
      prepare: () => this.#perform('prepare', () => this.#become(2)),
      start: () => this.#perform('start', () => this.#become(alsa.state.running)),
      drop: () => this.#perform('drop', () => this.#become(1)),
      resume: () => this.#perform('resume', () => 0),
      state: () => this.state,
      wait: (_, timeoutMs) => this.#takeTrouble('wait') ?? this.#wait(timeoutMs),
      availDelay: (_, free, queued) => this.#takeTrouble('availDelay') ?? this.#look(free, queued),
      write: (_, __, frames) => this.#takeTrouble('write') ?? this.#write(frames),
      explain: (code) => `error ${code}`,
      describe: () => 'Hardware PCM card 0',
      hardware: {
        create: (to) => put(to, parameters),
        free: () => {},
        any: () => 0,
        install: () => 0,
        setAccess: () => 0,
        setFormat: (_, __, format) => (formats.includes(format) ? 0 : -22),
        setResampling: () => 0,
        setChannelsNear: (_, __, wanted) => put(wanted, channels),
        setRateNear: (_, __, wanted) => {
          const near = (rate: number) => Math.abs(rate - wanted[0])
          this.#rate = this.#card.rates.toSorted((a, b) => near(a) - near(b))[0]!
          return put(wanted, this.#rate)
        },
        setBufferSizeNear: () => 0,
        setPeriodSizeNear: () => 0,
        bufferSize: (_, to) => put(to, bufferFrames),
        periodSize: (_, to) => put(to, periodFrames),
        rateRange: () => [this.#card.rates[0]!, this.#card.rates.at(-1)!],
        channelRange: () => [channels, channels],
      },
      software: {
        create: (to) => put(to, parameters),
        free: () => {},
        current: () => 0,
        install: () => 0,
        setStartThreshold: () => 0,
        setAvailMin: (_, __, frames) => {
          this.#availMin = frames
          return 0
        },
      },
      listDevices: () => [],
    }
  }

  /** Lets time pass without anybody waiting for it. */
  pass(us: number): void {
    this.nowUs += us
    this.#play()
  }

  #perform(name: string, act: () => number): number {
    this.calls.push(name)
    return this.#takeTrouble(name) ?? act()
  }

  #takeTrouble(name: string): number | undefined {
    return this.trouble[name]?.shift()
  }

  #become(state: number): number {
    this.state = state
    if (state === 1) this.queued = 0
    if (state === alsa.state.running) this.#playedUntilUs = this.nowUs
    this.#playedFrames = 0
    return 0
  }

  #wait(timeoutMs: number): number {
    this.#play()
    if (this.#freeWhen(this.#playedFrames) >= this.#availMin) return 1
    const { bufferFrames, periodFrames, burstFrames } = this.#card
    let until = this.#playedFrames + this.#availMin - (bufferFrames - this.queued)
    if (burstFrames > 1) {
      until = (Math.floor(this.#playedFrames / periodFrames + 1e-6) + 1) * periodFrames
      while (this.#freeWhen(until) < this.#availMin) until += periodFrames
    }
    const neededUs = this.isStuck ? Number.POSITIVE_INFINITY : ((until - this.#playedFrames) * 1e6) / this.#rate
    this.pass(Math.min(neededUs, timeoutMs * 1000))
    return neededUs <= timeoutMs * 1000 ? 1 : 0
  }

  #look(free: Int32Array, queued: Int32Array): number {
    this.#play()
    free[0] = this.#freeWhen(this.#playedFrames)
    queued[0] = Math.round(this.#card.bufferFrames - this.#freeWhen(this.#playedFrames))
    return 0
  }

  /** Room, as the card counts it, when it has played so much of what has been written. */
  #freeWhen(playedFrames: number): number {
    const { bufferFrames, burstFrames } = this.#card
    const counted = burstFrames > 1 ? Math.floor((playedFrames + 1e-6) / burstFrames) * burstFrames : playedFrames
    return bufferFrames - this.queued - this.#playedFrames + counted
  }

  #write(frames: number): number {
    this.queued += frames
    return frames
  }

  #play(): void {
    if (this.state !== alsa.state.running) return
    const played = ((this.nowUs - this.#playedUntilUs) * this.#rate) / 1e6
    if (!this.isStuck) {
      this.#playedFrames += Math.min(played, this.queued)
      this.queued = Math.max(0, this.queued - played)
    }
    this.#playedUntilUs = this.nowUs
  }
}

function put<Value>(to: [Value], value: NonNullable<Value>): number {
  to[0] = value
  return 0
}
