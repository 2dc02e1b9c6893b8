/** What a crowd has seen while recording. Times are of CLOCK_MONOTONIC, which both servers stamp their audio with too. */
export class Notebook {
  #isOpen = false
  #turnaroundsUs = []
  #roundTripsUs = []
  /** When each chunk reached its first room. */
  #firstAtUs = new Map()
  #behindUs = []
  #leastLeadUs = Infinity
  #chunks = 0
  #reads = 0

  open() {
    this.#isOpen = true
  }

  exchange(turnaroundUs, roundTripUs) {
    if (!this.#isOpen) return
    this.#turnaroundsUs.push(turnaroundUs)
    this.#roundTripsUs.push(roundTripUs)
  }

  /** `dueAtUs`: when its first sample is to be heard. */
  chunk(dueAtUs, nowUs) {
    if (!this.#isOpen) return
    this.#chunks++
    this.#leastLeadUs = Math.min(this.#leastLeadUs, dueAtUs - nowUs)
    const firstAtUs = this.#firstAtUs.get(dueAtUs)
    if (firstAtUs === undefined) this.#firstAtUs.set(dueAtUs, nowUs)
    else this.#behindUs.push(nowUs - firstAtUs)
  }

  read() {
    if (this.#isOpen) this.#reads++
  }

  get figures() {
    return {
      turnaroundUs: quantiles(this.#turnaroundsUs),
      roundTripUs: quantiles(this.#roundTripsUs),
      fanOutUs: quantiles(this.#behindUs),
      leastLeadUs: this.#leastLeadUs,
      chunks: this.#chunks,
      reads: this.#reads,
    }
  }
}

export function nowUs() {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e6 + Math.floor(nanoseconds / 1000)
}

function quantiles(values) {
  const sorted = Float64Array.from(values).sort()
  const at = (share) => sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? NaN
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}
