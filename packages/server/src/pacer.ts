/**
 * Decides which chunks go to one player now. Audio is sent well ahead of its time; what holds it back is the send-ahead
 * of the group, the bytes the player can hold (Sendspin, "Player Buffer Accounting"), and a connection that does not
 * keep up. Chunks that could no longer arrive in time are left out, so a slow reader costs a gap, not memory.
 */
import type { ServerUs } from '@tutti/clock'
import type { ChunkLog, LoggedChunk } from './chunk-log.js'
import { SlidingLog } from './sliding-log.js'

/** A chunk due sooner than this cannot be counted on to arrive: a quick radio link and a decoder's start. */
const lateMarginUs = 10_000

interface Sent {
  readonly endAt: ServerUs
  readonly bytes: number
}

export class Pacer<Payload> {
  readonly capacityBytes: number
  /** Set while the connection has more queued than it gets rid of. */
  isCongested = false
  #log: ChunkLog<Payload> | undefined
  #cursor = 0
  #notBefore = -Infinity
  #outputDelayUs = 0
  /** Everything sent since the last reset whose last frame is still to come. */
  readonly #sent = new SlidingLog<Sent>()
  /** Number in `#sent` of the first chunk that still occupies the player's buffer. */
  #occupyingFrom = 0
  #occupiedBytes = 0
  #sentUntil: ServerUs | undefined
  #dropped = 0
  #isFull = false

  constructor(capacityBytes: number) {
    this.capacityBytes = capacityBytes
  }

  /** Bytes of the player's buffer in use by its own rules. */
  get occupiedBytes(): number {
    return this.#occupiedBytes
  }

  /** When the last chunk sent has been heard; undefined when none was since the last reset. */
  get sentUntil(): ServerUs | undefined {
    return this.#sentUntil
  }

  /** Chunks left out because they would have come too late. */
  get dropped(): number {
    return this.#dropped
  }

  /** Reads `log` from now on, from the first chunk due at `notBefore` or later. */
  follow(log: ChunkLog<Payload>, notBefore: ServerUs): void {
    this.#log = log
    this.#cursor = log.first
    // The log may forget them before the next look: nobody was to have them.
    for (let chunk = log.get(this.#cursor); chunk && chunk.timestamp < notBefore; chunk = log.get(this.#cursor))
      this.#cursor++
    this.#notBefore = notBefore
  }

  /** After `stream/clear` or `stream/end`: the player's buffer is empty. */
  reset(): void {
    this.#sent.clear()
    this.#occupyingFrom = this.#sent.first
    this.#occupiedBytes = 0
    this.#sentUntil = undefined
    this.#isFull = false
    this.#log = undefined
  }

  /** A delay changes when each chunk leaves the buffer, also of those sent before. */
  setOutputDelay(outputDelayUs: number): void {
    this.#outputDelayUs = outputDelayUs
    this.#occupyingFrom = this.#sent.first
    this.#occupiedBytes = 0
    for (let number = this.#sent.first; number < this.#sent.end; number++)
      this.#occupiedBytes += this.#sent.get(number)!.bytes
  }

  /** The chunks to send at `now`, of those due before `until`; they count as sent. */
  take(now: ServerUs, until: ServerUs): readonly LoggedChunk<Payload>[] {
    const log = this.#log
    this.#release(now)
    if (log === undefined || this.isCongested) return []
    const chunks: LoggedChunk<Payload>[] = []
    if (this.#cursor < log.first) {
      this.#dropped += log.first - this.#cursor
      this.#cursor = log.first
    }
    for (;;) {
      const chunk = log.get(this.#cursor)
      if (chunk === undefined || chunk.timestamp >= until) return chunks
      if (chunk.timestamp < this.#notBefore) {
        this.#cursor++
      } else if (chunk.timestamp - this.#outputDelayUs < now + lateMarginUs) {
        this.#cursor++
        this.#dropped++
      } else {
        this.#isFull = this.#occupiedBytes + chunk.bytes > this.capacityBytes
        if (this.#isFull) return chunks
        this.#cursor++
        this.#occupiedBytes += chunk.bytes
        this.#sent.push(chunk)
        this.#sentUntil = chunk.endAt
        chunks.push(chunk)
      }
    }
  }

  /** Whether the player's buffer is what held the last look back. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** When the oldest chunk leaves the player's buffer; undefined when nothing is in it. */
  get roomAt(): ServerUs | undefined {
    const oldest = this.#sent.get(this.#occupyingFrom)
    return oldest && ((oldest.endAt - this.#outputDelayUs) as ServerUs)
  }

  #release(now: ServerUs): void {
    for (;;) {
      const oldest = this.#sent.get(this.#occupyingFrom)
      if (oldest === undefined || oldest.endAt - this.#outputDelayUs > now) break
      this.#occupiedBytes -= oldest.bytes
      this.#occupyingFrom++
    }
    // A smaller delay may bring chunks back, but none whose last frame has been due.
    for (let oldest = this.#sent.get(this.#sent.first); oldest && oldest.endAt <= now; ) {
      this.#sent.forgetFirst()
      oldest = this.#sent.get(this.#sent.first)
    }
  }
}
