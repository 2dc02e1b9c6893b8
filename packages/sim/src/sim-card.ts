/**
 * A sound card without samples: it counts frames by its own crystal, asks for periods when there is room, plays
 * silence when they come late, and reports its position as imperfectly as real ones do. It alone knows when each
 * frame is really heard.
 */
import type { AudioOutput, RenderPeriod } from '@tutti/client'
import { type LocalUs, shift } from '@tutti/clock'
import type { Crystal } from './crystal.js'
import { Interruptions, type InterruptionTraits } from './interruptions.js'
import type { Random } from './random.js'
import type { SimClock } from './sim-clock.js'
import type { Alarm, World } from './world.js'

export interface CardTraits {
  /** Hertz, nominal. */
  readonly sampleRate: number
  readonly periodFrames: number
  /** Periods the card holds; it asks for the next when one has been played out. */
  readonly bufferPeriods: number
  /** Time until the audio thread runs when it should: median and deviation of the logarithm of a lognormal, in µs. */
  readonly wakeUs: number
  readonly wakeSigma: number
  /** The reported position moves in steps of this many frames: a DMA burst, a USB packet. */
  readonly granuleFrames: number
  /** Whether its writer is woken at the ends of periods, wherever the count stands, or when the count has made room. */
  readonly wakesAtPeriods?: boolean
  /** Standard deviation of what is reported, in µs. */
  readonly reportNoiseUs: number
  /** What is reported is besides off by up to this, in µs, uniformly. */
  readonly reportJitterUs: number
  /** Now and then a report is off by a whole buffer fragment. */
  readonly blips?: { readonly everyS: number; readonly frames: number }
  /** Delay behind what the card reports: amplifier, DSP, DAC filter, in µs. */
  readonly hiddenDelayUs: number
  /** Times at which the machine does not run the audio thread at all. */
  readonly stalls?: InterruptionTraits
}

/** Time from starting the card to the first frame leaving it, µs. */
const startDelayUs = 2_000

export class SimCard implements AudioOutput {
  readonly channels = 2
  readonly #world: World
  readonly #clock: SimClock
  readonly #crystal: Crystal
  readonly #random: Random
  readonly #traits: CardTraits
  readonly #stalls: Interruptions
  readonly #alarm: Alarm
  readonly #frameUs: number
  readonly #period: {
    frames: number
    heardAt: LocalUs
    queuedFrames: number
    restarted: boolean
    readonly isNeverEarly: boolean
  }
  #render: RenderPeriod | undefined
  /** What the crystal read when the first frame since the last (re)start left the card. */
  #startReading = 0
  /** Frames handed over since. */
  #queued = 0
  #running = false
  #heardFromUs = 0
  #heardUntilUs = 0
  #nextBlipUs: number
  #underruns = 0

  constructor(world: World, clock: SimClock, crystal: Crystal, random: Random, traits: CardTraits) {
    this.#world = world
    this.#clock = clock
    this.#crystal = crystal
    this.#random = random
    this.#traits = traits
    this.#stalls = new Interruptions(random.fork('stalls'), traits.stalls)
    this.#alarm = world.alarm(() => this.#ask())
    this.#frameUs = 1e6 / traits.sampleRate
    const { periodFrames: frames, granuleFrames, wakesAtPeriods = false } = traits
    // Who is woken by periods that bursts do not fit knows so much, as the ALSA output does.
    const isNeverEarly = wakesAtPeriods && frames % granuleFrames !== 0 && granuleFrames % frames !== 0
    this.#period = { frames, heardAt: 0 as LocalUs, queuedFrames: 0, restarted: false, isNeverEarly }
    this.#nextBlipUs = traits.blips ? random.exponential(traits.blips.everyS * 1e6) : Infinity
  }

  get sampleRate(): number {
    return this.#traits.sampleRate
  }

  get maxPeriodFrames(): number {
    return this.#traits.periodFrames
  }

  get underruns(): number {
    return this.#underruns
  }

  /** True time at which the first frame of the period being asked for will be heard. */
  get heardFromUs(): number {
    return this.#heardFromUs
  }

  /** True time just past its last frame. */
  get heardUntilUs(): number {
    return this.#heardUntilUs
  }

  start(render: RenderPeriod): void {
    this.#render = render
    this.#alarm.set(this.#world.nowUs)
  }

  stop(): Promise<void> {
    this.#render = undefined
    this.#running = false
    this.#alarm.clear()
    return Promise.resolve()
  }

  /** The audio thread does not run any more, as when its process is stopped; the card plays what it has. */
  freeze(): void {
    this.#alarm.clear()
  }

  thaw(): void {
    if (this.#render) this.#alarm.set(this.#world.nowUs)
  }

  #ask(): void {
    const nowUs = this.#world.nowUs
    const { periodFrames, bufferPeriods, granuleFrames, wakesAtPeriods, wakeUs, wakeSigma } = this.#traits
    let reading = this.#crystal.readAt(nowUs)
    if (this.#running && this.#frameAt(reading) >= this.#queued) {
      this.#underruns++
      this.#running = false
    }
    const restarted = !this.#running
    if (restarted) {
      this.#running = true
      this.#startReading = reading + startDelayUs
      this.#queued = 0
      this.#heardUntilUs = 0
    }
    const capacity = periodFrames * bufferPeriods
    const played = Math.max(0, wakesAtPeriods ? this.#frameAt(reading) : this.#countedAt(reading))
    while (this.#queued + periodFrames <= played + capacity + 1e-6) this.#fill(reading, restarted && this.#queued === 0)
    const wokenEvery = wakesAtPeriods ? periodFrames : granuleFrames
    const roomAtFrame = Math.ceil((this.#queued + periodFrames - capacity) / wokenEvery) * wokenEvery
    reading = this.#startReading + roomAtFrame * this.#frameUs
    const roomAtUs = this.#crystal.trueAt(reading)
    this.#alarm.set(this.#stalls.passedAt(roomAtUs + this.#random.lognormal(wakeUs, wakeSigma)))
  }

  #fill(reading: number, restarted: boolean): void {
    const { periodFrames, hiddenDelayUs } = this.#traits
    const period = this.#period
    period.heardAt = this.#report(reading)
    period.queuedFrames = this.#queued - this.#countedAt(reading)
    period.restarted = restarted
    const fromReading = this.#startReading + this.#queued * this.#frameUs
    this.#heardFromUs = restarted ? this.#crystal.trueAt(fromReading) + hiddenDelayUs : this.#heardUntilUs
    this.#heardUntilUs = this.#crystal.trueAt(fromReading + periodFrames * this.#frameUs) + hiddenDelayUs
    this.#queued += periodFrames
    this.#render?.(period, [])
  }

  /** When the card believes the next frame handed over will be heard. */
  #report(reading: number): LocalUs {
    const { reportNoiseUs, reportJitterUs, blips } = this.#traits
    const random = this.#random
    const position = this.#countedAt(reading)
    let errorUs = reportNoiseUs * random.normal()
    if (reportJitterUs > 0) errorUs += random.between(-reportJitterUs, reportJitterUs)
    if (blips && this.#world.nowUs >= this.#nextBlipUs) {
      errorUs += (random.chance(0.5) ? 1 : -1) * blips.frames * this.#frameUs
      this.#nextBlipUs = this.#world.nowUs + random.exponential(blips.everyS * 1e6)
    }
    return shift(this.#clock.now(), (this.#queued - position) * this.#frameUs + errorUs)
  }

  /** The same as the card counts it. */
  #countedAt(reading: number): number {
    const { granuleFrames } = this.#traits
    const exact = this.#frameAt(reading)
    // The first reading of a burst is taken at the very instant of it, to the last bit.
    return granuleFrames > 1 ? Math.floor((exact + 1e-6) / granuleFrames) * granuleFrames : exact
  }

  /** Frames played since the (re)start when the crystal reads `reading`; fractional, negative before the first. */
  #frameAt(reading: number): number {
    return (reading - this.#startReading) / this.#frameUs
  }
}
