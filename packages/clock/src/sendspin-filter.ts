/**
 * The time filter of the Sendspin specification, section "Clock Synchronization", with the parameters it recommends: a
 * two-state Kalman filter fed the best exchange of every burst. It stands here to be compared with.
 */
import type { ClockFilter, RememberedDrift } from './clock-filter.js'
import type { ClockModel } from './clock-model.js'
import type { Exchange } from './exchange.js'
import { elapsedUs, type LocalUs, type ServerUs } from './reading.js'

// The specification's names and values, in microseconds. `process_std_dev` is 0 and left out.
const driftProcessStdDev = 1e-11
const forgetFactor = 2
const adaptiveCutoff = 3
const minSamples = 100
const driftSignificanceThreshold = 2
const maxErrorScale = 0.5
const burstLength = 8

/** Two crystals of ±100 ppm each: what the specification leaves open and an error bound needs. */
const driftBoundPpm = 200

interface Measurement {
  readonly offsetUs: number
  /** Half the round trip. */
  readonly maxErrorUs: number
  readonly addedAt: LocalUs
}

export class SendspinFilter implements ClockFilter {
  #model: ClockModel | undefined
  #bindsFrom = Number.NEGATIVE_INFINITY
  #bestOfBurst: Measurement | undefined
  #inBurst = 0
  #ignored = 0

  // Rates are ratios here, as in the specification, not parts per million.
  #count = 0
  #lastUpdate = 0
  #offset = 0
  #drift = 0
  #offsetVariance = Number.POSITIVE_INFINITY
  #covariance = 0
  #driftVariance = 0

  get model(): ClockModel | undefined {
    return this.#model
  }

  get uncertaintyUs(): number | undefined {
    return this.#model && Math.sqrt(this.#offsetVariance)
  }

  get likelyErrorUs(): number | undefined {
    return this.uncertaintyUs
  }

  get drift(): RememberedDrift | undefined {
    if (!this.#driftIsSignificant) return undefined
    return { driftPpm: this.#drift * 1e6, sigmaPpm: Math.sqrt(this.#driftVariance) * 1e6 }
  }

  get ignored(): number {
    return this.#ignored
  }

  /** Always 0: the specification's filter does not look for steps, it only forgets faster when surprised. */
  readonly steps = 0
  readonly doubtUs = 0

  /** Every exchange may be added; of each eight the one with the shortest round trip is used. The first is used at once. */
  add(exchange: Exchange): void {
    const measurement = measure(exchange)
    if (!(measurement.maxErrorUs >= 0) || exchange.requestSentAt < this.#bindsFrom) {
      this.#ignored++
      return
    }
    const best = this.#bestOfBurst
    if (!best || measurement.maxErrorUs < best.maxErrorUs) this.#bestOfBurst = measurement
    this.#inBurst++
    if (this.#inBurst < burstLength && this.#count > 0) return
    this.#update(this.#bestOfBurst!)
    this.#bestOfBurst = undefined
    this.#inBurst = 0
  }

  /** The specification knows no such thing: the filter starts over with the drift it had. */
  disturb(at: LocalUs): void {
    this.#bindsFrom = at
    this.#model = undefined
    this.#bestOfBurst = undefined
    this.#inBurst = 0
    this.#count = 0
    this.#offsetVariance = Number.POSITIVE_INFINITY
    this.#covariance = 0
  }

  get #driftIsSignificant(): boolean {
    return this.#count > 1 && this.#drift ** 2 > driftSignificanceThreshold ** 2 * this.#driftVariance
  }

  #update({ offsetUs, maxErrorUs, addedAt }: Measurement): void {
    const dt = addedAt - this.#lastUpdate
    if (this.#count > 0 && dt <= 0) return
    this.#lastUpdate = addedAt
    const variance = (maxErrorScale * maxErrorUs) ** 2

    if (this.#count === 0) {
      this.#offset = offsetUs
      this.#offsetVariance = variance
      this.#drift = 0
      this.#count = 1
    } else if (this.#count === 1) {
      this.#drift = (offsetUs - this.#offset) / dt
      this.#driftVariance = (this.#offsetVariance + variance) / dt ** 2
      this.#offset = offsetUs
      this.#offsetVariance = variance
      this.#count = 2
    } else {
      this.#correct(offsetUs, maxErrorUs, variance, dt)
    }
    this.#publish(maxErrorUs, offsetUs, addedAt)
  }

  #correct(offsetUs: number, maxErrorUs: number, variance: number, dt: number): void {
    let offsetVariance = this.#offsetVariance + 2 * this.#covariance * dt + this.#driftVariance * dt ** 2
    let covariance = this.#covariance + this.#driftVariance * dt
    let driftVariance = this.#driftVariance + driftProcessStdDev ** 2 * dt
    const predicted = this.#offset + this.#drift * dt
    const residual = offsetUs - predicted
    if (this.#count < minSamples) this.#count++
    else if (Math.abs(residual) > adaptiveCutoff * maxErrorUs) {
      offsetVariance *= forgetFactor ** 2
      covariance *= forgetFactor ** 2
      driftVariance *= forgetFactor ** 2
    }
    // Loopback exchanges may take 0 µs; once the state is as certain, nothing is left to correct.
    const innovationVariance = offsetVariance + variance || 1
    const offsetGain = offsetVariance / innovationVariance
    const driftGain = covariance / innovationVariance
    this.#offset = predicted + offsetGain * residual
    this.#drift += driftGain * residual
    this.#offsetVariance = offsetVariance - offsetGain * offsetVariance
    this.#covariance = covariance - driftGain * offsetVariance
    this.#driftVariance = driftVariance - driftGain * covariance
  }

  #publish(maxErrorUs: number, measuredUs: number, at: LocalUs): void {
    const serverAt = (at + this.#offset) as ServerUs
    this.#model = {
      localAt: at,
      serverAt,
      driftPpm: this.#driftIsSignificant ? this.#drift * 1e6 : 0,
      // The exchange just used contains the truth in the middle ± maxError; its offset is of its own middle, hence the drift.
      errorBoundUs: maxErrorUs * (1 + 2 * driftBoundPpm * 1e-6) + Math.abs(this.#offset - measuredUs) + 1,
      errorGrowthPpm: driftBoundPpm + Math.abs(this.#drift) * 1e6,
    }
  }
}

/** As the specification has it: integers, truncated towards zero, dated when the reply arrived. */
function measure(exchange: Exchange): Measurement {
  const { requestSentAt, requestReceivedAt, replySentAt, replyReceivedAt } = exchange
  return {
    offsetUs: Math.trunc((requestReceivedAt - requestSentAt + (replySentAt - replyReceivedAt)) / 2),
    maxErrorUs: Math.trunc((elapsedUs(requestSentAt, replyReceivedAt) - elapsedUs(requestReceivedAt, replySentAt)) / 2),
    addedAt: replyReceivedAt,
  }
}
