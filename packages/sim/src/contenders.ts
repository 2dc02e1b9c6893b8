/** The ways to keep a clock that are worth comparing. */
import {
  type ClockFilter,
  type ClockModel,
  ClockSync,
  type Exchange,
  type LocalUs,
  measureOffset,
  SendspinFilter,
  shift,
} from '@tutti/clock'
import type { ClockKeeper, Contender } from './comparison.js'
import type { Random } from './random.js'

export const contenders: readonly Contender[] = [
  { name: 'tutti', create: (random) => new ClockSync({ random }) },
  { name: 'sendspin reference', create: () => new BurstKeeper(new SendspinFilter(), 8, 10) },
  {
    name: 'sendspin reference, probed as often as tutti',
    create: (random: Random) => new ClockSync({ random, filter: new SendspinFilter() }),
  },
  { name: 'median of 200, once a second', create: () => new BurstKeeper(new MedianFilter(), 1, 1) },
]

type Filter = Pick<ClockFilter, 'add' | 'model'> & Partial<Pick<ClockFilter, 'uncertaintyUs'>>

/** Probes in bursts: the next of a burst follows the answer to the one before, as the specification of Sendspin advises. */
class BurstKeeper implements ClockKeeper {
  readonly #filter: Filter
  readonly #perBurst: number
  readonly #everyUs: number
  #burstAt = 0 as LocalUs
  #sent = 0
  #dueAt: LocalUs | undefined

  constructor(filter: Filter, perBurst: number, everyS: number) {
    this.#filter = filter
    this.#perBurst = perBurst
    this.#everyUs = everyS * 1e6
  }

  get model(): ClockModel | undefined {
    return this.#filter.model
  }

  get uncertaintyUs(): number | undefined {
    return this.#filter.uncertaintyUs
  }

  get probeDueAt(): LocalUs | undefined {
    return this.#dueAt
  }

  start(at: LocalUs): void {
    this.#burstAt = at
    this.#dueAt = at
  }

  probeSent(at: LocalUs): void {
    if (this.#sent === 0) this.#burstAt = at
    this.#sent++
    this.#dueAt = undefined
  }

  replyReceived(exchange: Exchange): void {
    this.#filter.add(exchange)
    const isOver = this.#sent >= this.#perBurst
    if (isOver) this.#sent = 0
    this.#dueAt = isOver ? shift(this.#burstAt, this.#everyUs) : exchange.replyReceivedAt
  }
}

const medianOf = 200

/**
 * The plain median of the last 200 offsets, without a slope, which is how Snapcast keeps its clients' clocks (0.19 to
 * 0.34, as described in its source). It lags by the drift of a hundred seconds.
 */
class MedianFilter implements Filter {
  readonly #offsetsUs: number[] = []
  #model: ClockModel | undefined

  get model(): ClockModel | undefined {
    return this.#model
  }

  add(exchange: Exchange): void {
    const { replyReceivedAt } = exchange
    this.#offsetsUs.push(measureOffset(exchange).offsetUs)
    if (this.#offsetsUs.length > medianOf) this.#offsetsUs.shift()
    const sorted = this.#offsetsUs.toSorted((a, b) => a - b)
    this.#model = {
      localAt: replyReceivedAt,
      serverAt: (replyReceivedAt + sorted[sorted.length >> 1]!) as ClockModel['serverAt'],
      driftPpm: 0,
      errorBoundUs: Number.POSITIVE_INFINITY,
      errorGrowthPpm: 0,
    }
  }
}
