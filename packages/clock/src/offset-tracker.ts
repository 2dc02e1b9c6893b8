/**
 * A Kalman filter of three numbers: the offset between two clocks, the rate at which it changes, and by how much the path
 * in use makes the offset look larger than it is.
 *
 * The rate does a random walk and the offset is its integral, so between measurements the variance grows with the cube of
 * time (Galleani and Tavella, "Time and the Kalman filter", IEEE Control Systems 30(2), 2010). The bias is constant
 * until the path changes. Microseconds, seconds and parts per million fit together: 1 ppm is 1 µs per second.
 */
export class OffsetTracker {
  /** The moment the state speaks of, in seconds. */
  atS = 0
  offsetUs = 0
  driftPpm = 0
  pathBiasUs = 0
  /** Half of the round trip along the path the bias is of, in microseconds; 0 before there was any. */
  pathHalfWidthUs = 0
  offsetVariance = 0
  driftVariance = 0
  #biasVariance = 0
  #offsetDrift = 0
  #offsetBias = 0
  #driftBias = 0
  readonly #wanderVariancePerS: number

  /** `wanderPpmPerSqrtS`: how far the rate wanders in a second, standard deviation. */
  constructor(wanderPpmPerSqrtS: number) {
    this.#wanderVariancePerS = wanderPpmPerSqrtS ** 2
  }

  copy(other: OffsetTracker): void {
    this.atS = other.atS
    this.offsetUs = other.offsetUs
    this.driftPpm = other.driftPpm
    this.pathBiasUs = other.pathBiasUs
    this.pathHalfWidthUs = other.pathHalfWidthUs
    this.offsetVariance = other.offsetVariance
    this.driftVariance = other.driftVariance
    this.#biasVariance = other.#biasVariance
    this.#offsetDrift = other.#offsetDrift
    this.#offsetBias = other.#offsetBias
    this.#driftBias = other.#driftBias
  }

  /** Starts over with another offset; the drift is kept. */
  restart(atS: number, offsetUs: number, offsetVariance: number): void {
    this.atS = atS
    this.offsetUs = offsetUs
    this.offsetVariance = offsetVariance
    this.#offsetDrift = 0
    this.takePath(0, 0)
  }

  /** Another path is in use, whose bias is unknown but for its variance. */
  takePath(halfWidthUs: number, biasVariance: number): void {
    this.pathHalfWidthUs = halfWidthUs
    this.pathBiasUs = 0
    this.#biasVariance = biasVariance
    this.#offsetBias = 0
    this.#driftBias = 0
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
    this.#offsetBias += this.#driftBias * dt
    this.driftVariance += this.#wanderVariancePerS * age
  }

  /** Takes in a measurement at `atS`: of the offset, or, along a biased path, of offset and bias together. */
  correct(measuredUs: number, variance: number, biased: boolean): void {
    const h = biased ? 1 : 0
    const offset = this.offsetVariance + h * this.#offsetBias
    const drift = this.#offsetDrift + h * this.#driftBias
    const bias = this.#offsetBias + h * this.#biasVariance
    const innovationVariance = offset + h * bias + variance
    const perInnovation = (measuredUs - this.offsetUs - h * this.pathBiasUs) / innovationVariance
    this.offsetUs += offset * perInnovation
    this.driftPpm += drift * perInnovation
    this.pathBiasUs += bias * perInnovation
    this.offsetVariance -= (offset * offset) / innovationVariance
    this.driftVariance -= (drift * drift) / innovationVariance
    this.#biasVariance -= (bias * bias) / innovationVariance
    this.#offsetDrift -= (offset * drift) / innovationVariance
    this.#offsetBias -= (offset * bias) / innovationVariance
    this.#driftBias -= (drift * bias) / innovationVariance
  }
}
