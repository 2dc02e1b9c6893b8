/**
 * What is on its way to one client. Only a little audio is handed to the socket at a time; the rest waits here, where a
 * clock reply can pass it and a clear can drop it.
 */
import { type Clock, type ServerUs, shift, type Timers } from '@tutti/clock'
import type { AudioChunk, Connection } from '@tutti/protocol'
import type { SaidMessage } from '../output.js'
import type { Turns } from './turns.js'

/** Handed to the socket at once: 40 ms on a link of 10 Mbit/s, which is what a clock reply may have to wait. */
const mostInSocketBytes = 48_000
/** More than this waiting here means that the network does not keep up; audio stops until most of it is gone. */
const congestedBytes = 512_000
const relievedBytes = 128_000
/** How often a socket that was full is looked at again. */
const retryUs = 5000
/** How long a peer may take nothing at all while audio waits for it. */
const stuckUs = 20_000_000

export interface OutboxParts {
  readonly clock: Clock<ServerUs>
  readonly timers: Timers<ServerUs>
  /** Shared by all connections: audio for everyone comes due at once. */
  readonly turns: Pick<Turns, 'take'>
}

export class ClientOutbox {
  readonly #connection: Connection<SaidMessage>
  readonly #clock: Clock<ServerUs>
  readonly #timers: Timers<ServerUs>
  readonly #turns: Pick<Turns, 'take'>
  readonly #onCongestion: (isCongested: boolean) => void
  /** Audio, and the messages that must not pass it. */
  #waiting: (AudioChunk | SaidMessage)[] = []
  #waitingBytes = 0
  #isCongested = false
  /** When the socket last took something, or had nothing to take. */
  #progressAt: ServerUs
  #cancelRetry: (() => void) | undefined
  #hasTurn = false

  /** `onCongestion` is called in a turn of its own, never from within a method. */
  constructor(
    connection: Connection<SaidMessage>,
    { clock, timers, turns }: OutboxParts,
    onCongestion: (isCongested: boolean) => void,
  ) {
    this.#connection = connection
    this.#clock = clock
    this.#timers = timers
    this.#turns = turns
    this.#onCongestion = onCongestion
    this.#progressAt = clock.now()
  }

  send(message: SaidMessage): void {
    // A change of format holds for the audio after it, not for what still waits.
    if (this.#waiting.length > 0 && message.type.startsWith('stream/')) this.#waiting.push(message)
    else this.#write({ kind: 'message', message })
  }

  /** Answers a clock question; the last thing before the frame is made is the reading of the clock. */
  sendTime(clientTransmitted: number, serverReceived: ServerUs): void {
    const payload = {
      client_transmitted: clientTransmitted,
      server_received: serverReceived,
      server_transmitted: this.#clock.now(),
    }
    this.#write({ kind: 'message', message: { type: 'server/time', payload } })
  }

  sendAudio(chunks: readonly AudioChunk[]): void {
    if (this.#waiting.length === 0) this.#progressAt = this.#clock.now()
    for (const chunk of chunks) {
      this.#waiting.push(chunk)
      this.#waitingBytes += chunk.payload.length
    }
    if (this.#hasTurn) return
    this.#hasTurn = true
    this.#turns.take(() => {
      this.#hasTurn = false
      this.#advance()
    })
  }

  /** Forgets what has not been handed to the socket. */
  dropAudio(): void {
    this.#waiting = []
    this.#waitingBytes = 0
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    this.#weigh()
  }

  close(code: number, reason: string): void {
    this.dropAudio()
    this.#connection.transport.close(code, reason)
  }

  #advance(): void {
    const { transport } = this.#connection
    const now = this.#clock.now()
    let taken = 0
    transport.batch(() => {
      while (taken < this.#waiting.length && transport.bufferedBytes < mostInSocketBytes) {
        this.#sendWaiting(this.#waiting[taken++]!, now)
      }
    })
    this.#waiting.splice(0, taken)
    if (taken > 0) this.#progressAt = now
    if (this.#waiting.length > 0) {
      if (now - this.#progressAt > stuckUs) this.#giveUp()
      else this.#retryLater(now)
    }
    this.#weigh()
  }

  #sendWaiting(item: AudioChunk | SaidMessage, now: ServerUs): void {
    if ('type' in item) {
      this.#write({ kind: 'message', message: item })
      return
    }
    this.#waitingBytes -= item.payload.length
    if (item.timestamp > now) this.#write({ kind: 'audio', chunk: item })
  }

  #retryLater(now: ServerUs): void {
    this.#cancelRetry ??= this.#timers.wakeAt(shift(now, retryUs), () => {
      this.#cancelRetry = undefined
      this.#advance()
    })
  }

  #weigh(): void {
    const isCongested = this.#waitingBytes > (this.#isCongested ? relievedBytes : congestedBytes)
    if (isCongested === this.#isCongested) return
    this.#isCongested = isCongested
    queueMicrotask(() => this.#onCongestion(isCongested))
  }

  /** A frame the socket does not take is lost, and with it the peer's idea of what we said. */
  #write(item: Parameters<Connection<SaidMessage>['send']>[0]): void {
    if (!this.#connection.send(item)) this.#giveUp()
  }

  #giveUp(): void {
    this.dropAudio()
    this.#connection.refuse('slow-reader')
  }
}
