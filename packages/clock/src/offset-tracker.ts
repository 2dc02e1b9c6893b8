/**
 * A two-state Kalman filter: the offset between two clocks and the rate at which it changes, which wanders.
 *
 * The rate does a random walk and the offset is its integral, so between measurements the covariance grows with the
 * cube of time (Galleani and Tavella, "Time and the Kalman filter", IEEE Control Systems 30(2), 2010). Microseconds,
 * seconds and parts per million fit together: 1 ppm is 1 µs per second.
 */
export class OffsetTracker {
  /** The moment the state speaks of, in seconds. */
  atS = 0
  offsetUs = 0
  driftPpm = 0
  offsetVariance = 0
  covariance = 0
  driftVariance = 0
  readonly #wanderVariancePerS: number

  /** `wanderPpmPerSqrtS`: how far the rate wanders in a second, standard deviation. */
  constructor(wanderPpmPerSqrtS: number) {
    this.#wanderVariancePerS = wanderPpmPerSqrtS ** 2
  }

  copy(other: OffsetTracker): void {
    this.atS = other.atS
    this.offsetUs = other.offsetUs
    this.driftPpm = other.driftPpm
    this.offsetVariance = other.offsetVariance
    this.covariance = other.covariance
    this.driftVariance = other.driftVariance
  }

  /** Moves the state to another moment; uncertainty grows with the distance, in either direction. */
  moveTo(atS: number): void {
    const dt = atS - this.atS
    if (dt === 0) return
    const age = Math.abs(dt)
    this.atS = atS
    this.offsetUs += this.driftPpm * dt
    this.offsetVariance +=
      2 * this.covariance * dt + this.driftVariance * dt * dt + (this.#wanderVariancePerS * age ** 3) / 3
    this.covariance += this.driftVariance * dt + (Math.sign(dt) * this.#wanderVariancePerS * dt * dt) / 2
    this.driftVariance += this.#wanderVariancePerS * age
  }

  /** Takes in a measurement of the offset at `atS`. */
  correct(offsetUs: number, variance: number): void {
    const innovationVariance = this.offsetVariance + variance
    const offsetGain = this.offsetVariance / innovationVariance
    const driftGain = this.covariance / innovationVariance
    const innovationUs = offsetUs - this.offsetUs
    this.offsetUs += offsetGain * innovationUs
    this.driftPpm += driftGain * innovationUs
    this.driftVariance -= driftGain * this.covariance
    this.covariance *= 1 - offsetGain
    this.offsetVariance *= 1 - offsetGain
  }
}
