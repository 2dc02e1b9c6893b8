/**
 * A Kalman filter of three numbers: the offset between two clocks, the rate at which it changes, and by what share of the
 * delay it adds a slower path makes the offset look larger than it is.
 *
 * The rate does a random walk and the offset is its integral, so between measurements the variance grows with the cube of
 * time (Galleani and Tavella, "Time and the Kalman filter", IEEE Control Systems 30(2), 2010). The share is constant
 * until the path changes. Microseconds, seconds and parts per million fit together: 1 ppm is 1 µs per second.
 */
export class OffsetTracker {
  /** The moment the state speaks of, in seconds. */
  atS = 0
  offsetUs = 0
  driftPpm = 0
  /** From −1, when all that is added is added to replies, to 1, when it is added to requests. */
  share = 0
  /** Half of the round trip along the path the share was last seen on, in microseconds; 0 before there was any. */
  pathHalfWidthUs = 0
  offsetVariance = 0
  driftVariance = 0
  #shareVariance = 0
  #offsetDrift = 0
  #offsetShare = 0
  #driftShare = 0
  readonly #wanderVariancePerS: number

  /** `wanderPpmPerSqrtS`: how far the rate wanders in a second, standard deviation. */
  constructor(wanderPpmPerSqrtS: number) {
    this.#wanderVariancePerS = wanderPpmPerSqrtS ** 2
  }

  clone(): OffsetTracker {
    const tracker = new OffsetTracker(Math.sqrt(this.#wanderVariancePerS))
    tracker.copy(this)
    return tracker
  }

  copy(other: OffsetTracker): void {
    this.atS = other.atS
    this.offsetUs = other.offsetUs
    this.driftPpm = other.driftPpm
    this.share = other.share
    this.pathHalfWidthUs = other.pathHalfWidthUs
    this.offsetVariance = other.offsetVariance
    this.driftVariance = other.driftVariance
    this.#shareVariance = other.#shareVariance
    this.#offsetDrift = other.#offsetDrift
    this.#offsetShare = other.#offsetShare
    this.#driftShare = other.#driftShare
  }

  /** Starts over with another offset; the drift is kept. */
  restart(atS: number, offsetUs: number, offsetVariance: number): void {
    this.atS = atS
    this.offsetUs = offsetUs
    this.offsetVariance = offsetVariance
    this.#offsetDrift = 0
    this.takePath(0, 0)
  }

  /** Another path is in use, whose share is unknown but for its variance. */
  takePath(halfWidthUs: number, shareVariance: number): void {
    this.pathHalfWidthUs = halfWidthUs
    this.share = 0
    this.#shareVariance = shareVariance
    this.#offsetShare = 0
    this.#driftShare = 0
  }

  /** Moves the state to another moment; uncertainty grows with the distance, in either direction. */
  moveTo(atS: number): void {
    const dt = atS - this.atS
    if (dt === 0) return
    const age = Math.abs(dt)
    this.atS = atS
    this.offsetUs += this.driftPpm * dt
    this.offsetVariance +=
      2 * this.#offsetDrift * dt + this.driftVariance * dt * dt + (this.#wanderVariancePerS * age ** 3) / 3
    this.#offsetDrift += this.driftVariance * dt + (this.#wanderVariancePerS * dt * age) / 2
    this.#offsetShare += this.#driftShare * dt
    this.driftVariance += this.#wanderVariancePerS * age
  }

  /** The rate is another, known from elsewhere. */
  takeDrift(driftPpm: number, driftVariance: number): void {
    this.driftPpm = driftPpm
    this.driftVariance = driftVariance
    this.#offsetDrift = 0
    this.#driftShare = 0
  }

  /** By how many of its standard deviations, squared, a measurement at `atS` is off the prediction. */
  surpriseOf(measuredUs: number, variance: number, addedUs: number): number {
    const innovationUs = measuredUs - this.offsetUs - addedUs * this.share
    return innovationUs ** 2 / this.#innovationVariance(variance, addedUs)
  }

  /** Logarithm of the likelihood of a measurement at `atS`, but for a constant; of one further off than `mostSigmas`, that of one so far. */
  logLikelihoodOf(measuredUs: number, variance: number, addedUs: number, mostSigmas: number): number {
    const surprise = Math.min(mostSigmas ** 2, this.surpriseOf(measuredUs, variance, addedUs))
    return -0.5 * (surprise + Math.log(this.#innovationVariance(variance, addedUs)))
  }

  /** Takes in a measurement at `atS` of the offset along a path that adds half a round trip of `addedUs`, 0 for the fastest. */
  correct(measuredUs: number, variance: number, addedUs: number): void {
    const offset = this.offsetVariance + addedUs * this.#offsetShare
    const drift = this.#offsetDrift + addedUs * this.#driftShare
    const share = this.#offsetShare + addedUs * this.#shareVariance
    const innovationVariance = offset + addedUs * share + variance
    const perInnovation = (measuredUs - this.offsetUs - addedUs * this.share) / innovationVariance
    this.offsetUs += offset * perInnovation
    this.driftPpm += drift * perInnovation
    this.share += share * perInnovation
    this.offsetVariance -= (offset * offset) / innovationVariance
    this.driftVariance -= (drift * drift) / innovationVariance
    this.#shareVariance -= (share * share) / innovationVariance
    this.#offsetDrift -= (offset * drift) / innovationVariance
    this.#offsetShare -= (offset * share) / innovationVariance
    this.#driftShare -= (drift * share) / innovationVariance
  }

  #innovationVariance(variance: number, addedUs: number): number {
    const offset = this.offsetVariance + addedUs * this.#offsetShare
    const share = this.#offsetShare + addedUs * this.#shareVariance
    return offset + addedUs * share + variance
  }
}
