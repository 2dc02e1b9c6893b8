/**
 * How a live programme is made longer or shorter by whole frames without anyone hearing it: its rate is bent a little,
 * for as long as it takes. Positions only; `BlockBender` executes them.
 *
 * More frames out than in is lead gained: the last frame of the programme is due later after its arrival than before.
 * The rate moves in slopes and is exactly 1, at whole positions, whenever nothing is to be changed, so that a programme
 * at rest passes through untouched.
 */

/** A run of output and the stretch of input it is made of; input frames are counted from the first one taken. */
export interface Bend {
  /** Of the first output frame; before 0 there is silence. */
  readonly position: number
  /** Input frames per output frame, at both ends; linear between. */
  readonly startRatio: number
  readonly endRatio: number
  /** Of output. */
  readonly frames: number
}

/**
 * Share by which the programme is slowed down or sped up at most. A difference in pitch is heard from 0.2 % on, between
 * pure tones one right after the other (Moore, "An Introduction to the Psychology of Hearing", ch. 6); half of that is
 * for rooms that have gaps until they have what they lack, and what a crystal may be off anyway for all others.
 */
const mostShare = { hurried: 1e-3, calm: 2e-4 }
/** How fast that share may change, per second. */
const slope = 1e-3

export class LiveBend {
  /** Whether what is to be gained is needed soon. */
  isHurried = false
  readonly #sampleRate: number
  readonly #reach: number
  /** Input frames taken. */
  #taken = 0
  #position: number
  /** Share by which the output is slower than the input now. */
  #slower = 0
  #outstanding = 0

  /** @param reach input frames that must be there beyond a position before it can be read */
  constructor(sampleRate: number, reach: number) {
    this.#sampleRate = sampleRate
    this.#reach = reach
    this.#position = -reach
  }

  get isBending(): boolean {
    return this.#outstanding !== 0
  }

  /** Frames still to be gained; negative when some are to be lost. */
  get outstandingFrames(): number {
    return this.#outstanding
  }

  /** Has `frames` (whole; negative to lose) gained, besides those still outstanding. */
  gain(frames: number): void {
    this.#outstanding += frames
  }

  /** Says what to play of the input after `frames` more of it. */
  take(frames: number): Bend {
    this.#taken += frames
    const position = this.#position
    const available = this.#taken - this.#reach - position
    if (this.#outstanding === 0) return this.#run(position, 1, 1, available)
    const startRatio = 1 - this.#slower
    const step = (slope * frames) / this.#sampleRate
    const braking = Math.sqrt((2 * slope * Math.abs(this.#outstanding)) / this.#sampleRate)
    const share = Math.min(this.isHurried ? mostShare.hurried : mostShare.calm, braking)
    const wanted = this.#outstanding > 0 ? share : -share
    const slower = this.#slower + Math.max(-step, Math.min(step, wanted - this.#slower))
    const isLast = Math.abs(this.#outstanding) <= Math.max(Math.abs(slower), step) * frames
    if (isLast && Math.abs(slower) <= 2 * step) return this.#finish(position, available)
    this.#slower = slower
    const ratio = (startRatio + 1 - slower) / 2
    const run = this.#run(position, startRatio, 1 - slower, Math.floor(available / ratio))
    this.#outstanding -= run.frames * (1 - ratio)
    return run
  }

  /** Plays what is left so that the next position is whole. */
  #finish(position: number, available: number): Bend {
    const frames = Math.round(available + this.#outstanding)
    this.#slower = 0
    this.#outstanding = 0
    const ratio = available / frames
    const run = this.#run(position, ratio, ratio, frames)
    this.#position = this.#taken - this.#reach
    return run
  }

  #run(position: number, startRatio: number, endRatio: number, frames: number): Bend {
    this.#position = position + (frames * (startRatio + endRatio)) / 2
    return { position, startRatio, endRatio, frames }
  }
}
