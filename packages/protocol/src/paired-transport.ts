/** Two ends of a connection in memory, for tests and for a server and a player in one process. */
import type { Clock, LocalUs, Reading } from '@tutti/clock'
import type { Attach, Ending, Transport, TransportListener } from './transport.js'
import type { Frame } from './wire-codec.js'

export interface PairedOptions<Left extends Reading<string>, Right extends Reading<string>> {
  /** Of the one who dials, and of the one who answers. */
  readonly clocks: readonly [Clock<Left>, Clock<Right>]
  /** Runs something a little later, in the order given: the network. */
  readonly later: (run: () => void) => void
  /** How far an end may fall behind before `send` refuses, in bytes or UTF-16 code units. */
  readonly maxBufferedBytes: number
}

/** Opens as soon as `later` lets it. */
export function pairTransports<Left extends Reading<string> = LocalUs, Right extends Reading<string> = LocalUs>(
  dial: Attach<Left>,
  answer: Attach<Right>,
  { clocks: [leftClock, rightClock], later, maxBufferedBytes }: PairedOptions<Left, Right>,
): void {
  const left = new PairedTransport(leftClock, later, maxBufferedBytes)
  const right = new PairedTransport(rightClock, later, maxBufferedBytes)
  left.join(right, dial)
  right.join(left, answer)
  later(() => left.open())
  later(() => right.open())
}

class PairedTransport<Now extends Reading<string>> implements Transport {
  readonly #clock: Clock<Now>
  readonly #later: (run: () => void) => void
  readonly #maxBufferedBytes: number
  #peer: Pick<PairedTransport<Reading<string>>, 'deliver' | 'end'> | undefined
  #listener: TransportListener<Now> | undefined
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting'
  #bufferedBytes = 0

  constructor(clock: Clock<Now>, later: (run: () => void) => void, maxBufferedBytes: number) {
    this.#clock = clock
    this.#later = later
    this.#maxBufferedBytes = maxBufferedBytes
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  join(peer: Pick<PairedTransport<Reading<string>>, 'deliver' | 'end'>, attach: Attach<Now>): void {
    this.#peer = peer
    this.#listener = attach(this)
  }

  open(): void {
    if (this.#state !== 'connecting') return
    this.#state = 'open'
    this.#listener?.opened?.()
  }

  send(frame: Frame): boolean {
    if (this.#state !== 'open' || this.#bufferedBytes + frame.length > this.#maxBufferedBytes) return false
    this.#bufferedBytes += frame.length
    this.#later(() => {
      this.#bufferedBytes -= frame.length
      this.#peer?.deliver(frame)
    })
    return true
  }

  batch(run: () => void): void {
    run()
  }

  close(code: number, reason: string): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.#state = 'closing'
    this.#later(() => {
      this.#peer?.end({ by: 'peer', code, reason })
      this.end({ by: 'us', code, reason })
    })
  }

  deliver(frame: Frame): void {
    const at = this.#clock.now()
    if (this.#state === 'open') this.#listener?.received(frame, at)
  }

  end(ending: Ending): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#listener?.closed(ending)
  }
}
