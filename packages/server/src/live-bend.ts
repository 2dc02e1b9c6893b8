/**
 * How a live programme is made longer or shorter by whole frames without anyone hearing it: its rate is bent a little,
 * for as long as it takes. Positions only; `BlockBender` executes them.
 *
 * More frames out than in is lead gained: the last frame of the programme is due later after its arrival than before.
 * The rate moves in slopes and is exactly 1, at whole positions, whenever nothing is to be changed, so that a programme
 * at rest passes through untouched. It comes to rest where it is to without another slope: at a speed v with x still to go,
 * braking by v²/2x lands there, and goes on being the slope that does.
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
 * `mostShare`: by which the programme is slowed down or sped up at most. A difference in pitch is heard from 0.2 % on, between
 * pure tones one right after the other (Moore, "An Introduction to the Psychology of Hearing", ch. 6); half of that is
 * for rooms that have gaps until they have what they lack, and what a crystal may be off anyway for all others.
 *
 * `slope`: how fast that share changes, per second. Only while it changes does a tone show it, by 58 dB at 20 ppm/s (docs/sync-theory.md,
 * section 4.4): ten seconds at either end of a bend are better than all of it at a slope that is shown less. To hurry in slopes,
 * too, and not at once costs who has gaps 5 s. What was hurried calms down as fast.
 */
const calm = { mostShare: 2e-4, slope: 2e-5 }
const hurried = { mostShare: 1e-3, slope: 1e-4 }

export class LiveBend {
  /** Whether what is to be gained is needed soon. */
  isHurried = false
  readonly #sampleRate: number
  readonly #reach: number
  /** Input frames taken, and how many of them lie beyond the position. Kept apart: after hours a position has no small fractions. */
  #taken = 0
  #ahead: number
  /** Share by which the output is slower than the input now. */
  #slower = 0
  #outstanding = 0

  /** @param reach input frames that must be there beyond a position before it can be read */
  constructor(sampleRate: number, reach: number) {
    this.#sampleRate = sampleRate
    this.#reach = reach
    this.#ahead = reach
  }

  get isBending(): boolean {
    return this.#outstanding !== 0 || this.#slower !== 0
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
    this.#ahead += frames
    const available = this.#ahead - this.#reach
    if (!this.isBending) return this.#run(1, 1, available)
    if (this.#isLast(frames)) return this.#finish(available)
    const startRatio = 1 - this.#slower
    this.#slower = this.#slowerAfter(frames / this.#sampleRate)
    const endRatio = 1 - this.#slower
    const ratio = (startRatio + endRatio) / 2
    const run = this.#run(startRatio, endRatio, Math.floor(available / ratio))
    this.#outstanding -= run.frames * (1 - ratio)
    return run
  }

  get #manner(): typeof calm {
    return this.isHurried ? hurried : calm
  }

  /** The slope that brings it to rest with nothing outstanding, per second. */
  get #landingSlope(): number {
    return (this.#slower ** 2 * this.#sampleRate) / (2 * Math.abs(this.#outstanding))
  }

  /** Whether what is outstanding is no more than what one step of the rate makes in a block. */
  #isLast(frames: number): boolean {
    const step = (this.#manner.slope * frames) / this.#sampleRate
    const speed = Math.max(Math.abs(this.#slower), step)
    return frames > 1 && Math.abs(this.#outstanding) <= (speed * frames) / 2 && this.#landingSlope <= hurried.slope
  }

  /** The next `#slower`, after `elapsedS` seconds. */
  #slowerAfter(elapsedS: number): number {
    const { mostShare, slope: mannerSlope } = this.#manner
    const towards = Math.sign(this.#outstanding || this.#slower)
    const speed = this.#slower * towards
    const slope = speed > mostShare ? hurried.slope : mannerSlope
    const isTurning = speed < 0
    const isLanding = !isTurning && this.#landingSlope >= slope
    if (isLanding) return towards * Math.max(0, speed - Math.min(this.#landingSlope, hurried.slope) * elapsedS)
    const step = slope * elapsedS
    return towards * (speed < mostShare ? Math.min(mostShare, speed + step) : Math.max(mostShare, speed - step))
  }

  /** Plays what is left so that the next position is whole. */
  #finish(available: number): Bend {
    const frames = Math.round(available + this.#outstanding)
    this.#slower = 0
    this.#outstanding = 0
    const ratio = available / frames
    const run = this.#run(ratio, ratio, frames)
    this.#ahead = this.#reach
    return run
  }

  #run(startRatio: number, endRatio: number, frames: number): Bend {
    const position = this.#taken - this.#ahead
    this.#ahead -= (frames * (startRatio + endRatio)) / 2
    return { position, startRatio, endRatio, frames }
  }
}
