/** Exchanges made to measure: delays and offset in, four readings out. */
import type { Exchange } from '../src/exchange.js'
import type { LocalUs, ServerUs } from '../src/reading.js'

export interface ExchangeFacts {
  readonly sentAt: number
  /** Server minus local clock while the exchange lasts. */
  readonly offsetUs: number
  readonly outwardUs: number
  readonly backUs: number
  readonly serverTakesUs?: number
}

export function exchangeOf({ sentAt, offsetUs, outwardUs, backUs, serverTakesUs = 0 }: ExchangeFacts): Exchange {
  return {
    requestSentAt: sentAt as LocalUs,
    requestReceivedAt: (sentAt + outwardUs + offsetUs) as ServerUs,
    replySentAt: (sentAt + outwardUs + serverTakesUs + offsetUs) as ServerUs,
    replyReceivedAt: (sentAt + outwardUs + serverTakesUs + backUs) as LocalUs,
  }
}
