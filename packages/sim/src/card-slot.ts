/**
 * The sound card in a room's computer and the audio thread that feeds it. The card can be exchanged while it plays, and what is
 * counted of it outlives cards and processes.
 */
import { type PlayoutControl, Speaker, type Telemetry } from '@tutti/client'
import { type CardPreset, cardPresets } from './card-presets.js'
import { Crystal, ordinaryCrystal } from './crystal.js'
import type { Ear } from './ear.js'
import type { MediaLog } from './media-log.js'
import type { Random } from './random.js'
import { SimCard } from './sim-card.js'
import type { SimClock } from './sim-clock.js'
import type { World } from './world.js'

export interface CardSlotPorts {
  /** Of the process that runs. */
  media(): MediaLog
  /** The session reads what the audio thread reports now. */
  reported(telemetry: Telemetry): void
}

/** How often the session reads what the audio thread reports, in periods of the card. */
const periodsPerReport = 3

export class CardSlot {
  readonly #world: World
  readonly #clock: SimClock
  readonly #random: Random
  readonly #ear: Ear
  readonly #ports: CardSlotPorts
  /** The card that is in the machine, whether it plays or not. */
  #fitted: { readonly preset: CardPreset; readonly ppm: number }
  #card: SimCard | undefined
  #cards = 0
  #pastUnderruns = 0
  #periods = 0
  #telemetry: Telemetry | undefined
  /** What the audio thread is told. */
  control = silence

  constructor(
    world: World,
    clock: SimClock,
    random: Random,
    ear: Ear,
    fitted: { readonly preset: CardPreset; readonly ppm: number },
    ports: CardSlotPorts,
  ) {
    this.#world = world
    this.#clock = clock
    this.#random = random
    this.#ear = ear
    this.#fitted = fitted
    this.#ports = ports
  }

  /** Underruns of all its cards so far. */
  get underruns(): number {
    return this.#pastUnderruns + (this.#card?.underruns ?? 0)
  }

  get telemetry(): Telemetry | undefined {
    return this.#telemetry
  }

  /** Plays on the card that is in the machine. */
  play(): void {
    this.exchange(this.#fitted.preset, this.#fitted.ppm)
  }

  /** Plays on another sound card from now on. */
  exchange(preset: CardPreset, ppm: number): void {
    this.#card?.stop()
    this.#pastUnderruns = this.underruns
    this.#fitted = { preset, ppm }
    const random = this.#random.fork(`card ${this.#cards++}`)
    const crystal = new Crystal(random.fork('crystal'), { ...ordinaryCrystal, ppm })
    const card = new SimCard(this.#world, this.#clock, crystal, random, cardPresets[preset])
    const speaker = new Speaker({
      sampleRate: card.sampleRate,
      media: this.#ports.media(),
      renderer: { render: (plan, period) => this.#ear.hear(plan, period.frames, card.heardFromUs, card.heardUntilUs) },
      readControl: () => this.control,
      writeTelemetry: (telemetry) => {
        this.#telemetry = telemetry
      },
    })
    this.#card = card
    card.start((period, channels) => {
      speaker.render(period, channels)
      if (this.#periods++ % periodsPerReport === 0) this.#ports.reported({ ...this.#telemetry! })
    })
  }

  /** The process has died: the card is silent. */
  stop(): void {
    this.#pastUnderruns = this.underruns
    this.#card?.stop()
    this.#card = undefined
    this.#telemetry = undefined
    this.control = silence
  }

  freeze(): void {
    this.#card?.freeze()
  }

  thaw(): void {
    this.#card?.thaw()
  }
}

const silence: PlayoutControl = {
  clock: undefined,
  anchor: undefined,
  gain: 1,
  outputDelayUs: 0,
  channelMode: 'stereo',
}
