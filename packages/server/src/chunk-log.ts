/** The chunks of one encoding that may still be sent, shared by all players that hear it. */
import type { ServerUs } from '@tutti/clock'
import type { AudioChunk } from '@tutti/protocol'
import { SlidingLog } from './sliding-log.js'

export interface LoggedChunk<Payload> extends AudioChunk<Payload> {
  /** When its last frame has been heard. */
  readonly endAt: ServerUs
  /** Size on the wire, header included. */
  readonly bytes: number
}

/** Far more than any send-ahead needs; a log nobody trims must not grow. */
const mostChunks = 8192

export class ChunkLog<Payload> {
  readonly #chunks = new SlidingLog<LoggedChunk<Payload>>()

  /** Number of the oldest chunk there is. Numbers never repeat. */
  get first(): number {
    return this.#chunks.first
  }

  get end(): number {
    return this.#chunks.end
  }

  get(number: number): LoggedChunk<Payload> | undefined {
    return this.#chunks.get(number)
  }

  push(chunk: LoggedChunk<Payload>): void {
    if (this.#chunks.end - this.#chunks.first >= mostChunks) this.#chunks.forgetFirst()
    this.#chunks.push(chunk)
  }

  /** Lets go of what has been heard. */
  forgetBefore(at: ServerUs): void {
    for (let chunk = this.get(this.first); chunk && chunk.endAt <= at; chunk = this.get(this.first)) {
      this.#chunks.forgetFirst()
    }
  }

  clear(): void {
    this.#chunks.clear()
  }
}
