/** Frames over a WebSocket. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type Clock, type LocalUs, type Reading, shift, type Timers } from '@tutti/clock'
import type { RawData } from 'ws'
import type { Attach, Ending, Transport, TransportListener } from '../transport.js'
import { conducts } from '../violation.js'
import type { Frame } from '../wire-codec.js'
import { joinFrames } from './joined-frames.js'
import { maskedText } from './masked-text.js'
import { WebSocket } from './ws.js'

export interface WsOptions<Now extends Reading<string> = LocalUs> {
  readonly clock: Clock<Now>
  readonly timers: Timers<Now>
  /** A larger frame ends the connection before it is in memory; the peer is told with code 1009. */
  readonly maxFrameBytes: number
  /** `send` refuses while more than this waits for the network. */
  readonly maxBufferedBytes: number
  /** How often the peer is pinged; a ping without a word in return by the next one ends the connection. */
  readonly heartbeatUs: number
}

/** aiosendspin pings as often. */
export const defaultHeartbeatUs = 30_000_000
const connectTimeoutMs = 10_000
/** How long a peer may take to answer our close before the socket is destroyed. */
const closeTimeoutUs = 2_000_000

/** Dials `url` (`ws://host:port/path`; throws when it is none). Failure to connect is a `closed` event. */
export function connectWebSocket<Now extends Reading<string> = LocalUs>(
  url: string,
  attach: Attach<Now>,
  options: WsOptions<Now>,
): Transport {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: options.maxFrameBytes,
    handshakeTimeout: connectTimeoutMs,
  })
  const transport = new WsTransport(socket, attach, options, { masks: true })
  let raw: Socket | undefined
  socket.once('upgrade', (response: IncomingMessage) => {
    raw = response.socket
  })
  socket.once('open', () => {
    if (raw !== undefined) transport.opened(raw)
  })
  return transport
}

/** Takes over a connection that a WebSocket server has accepted; `raw` is the socket beneath it. */
export function acceptWebSocket<Now extends Reading<string> = LocalUs>(
  socket: WebSocket,
  raw: Socket,
  attach: Attach<Now>,
  options: WsOptions<Now>,
): Transport {
  const transport = new WsTransport(socket, attach, options, { masks: false })
  transport.opened(raw)
  return transport
}

class WsTransport<Now extends Reading<string>> implements Transport {
  readonly #socket: WebSocket
  readonly #options: WsOptions<Now>
  readonly #listener: TransportListener<Now>
  /** Clients mask what they send, each frame with a key of its own (RFC 6455, section 5.3); servers send it as it is. */
  readonly #masks: boolean
  #raw: Socket | undefined
  /** What the batch under way has to write as one; undefined outside a batch, and where frames are masked. */
  #batch: Uint8Array[] | undefined
  #batchBytes = 0
  /** When bytes last came from the network: before ws took them apart, and the same for all frames in one read. */
  #readAt: Now
  #cancelTimer: (() => void) | undefined
  #ourEnding: Ending | undefined
  #failure = ''

  constructor(socket: WebSocket, attach: Attach<Now>, options: WsOptions<Now>, { masks }: { readonly masks: boolean }) {
    this.#socket = socket
    this.#options = options
    this.#masks = masks
    this.#readAt = options.clock.now()
    this.#listener = attach(this)
    socket.on('message', (data, isBinary) => this.#received(data, isBinary))
    socket.on('error', (error) => this.#failed(error))
    socket.once('close', (code, reason) => this.#closed(code, reason.toString()))
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount + this.#batchBytes
  }

  opened(raw: Socket): void {
    this.#raw = raw
    raw.prependListener('data', () => {
      this.#readAt = this.#options.clock.now()
    })
    this.#readAt = this.#options.clock.now()
    this.#keepAlive()
    this.#listener.opened?.()
  }

  send(frame: Frame): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return false
    if (this.bufferedBytes + frame.length > this.#options.maxBufferedBytes) return false
    if (this.#batch !== undefined && typeof frame !== 'string') {
      this.#batch.push(frame)
      this.#batchBytes += frame.length
      return true
    }
    this.#writeBatch()
    const raw = this.#raw
    if (raw !== undefined && this.#masks && typeof frame === 'string') raw.write(maskedText(frame), ignoreFailure)
    else this.#socket.send(frame, ignoreFailure)
    return true
  }

  batch(run: () => void): void {
    this.#raw?.cork()
    if (!this.#masks) this.#batch = []
    try {
      run()
    } finally {
      this.#writeBatch()
      this.#batch = undefined
      this.#raw?.uncork()
    }
  }

  /** ws holds nothing back without compression, so what is written beneath it stays in order. */
  #writeBatch(): void {
    if (this.#batch === undefined || this.#batch.length === 0) return
    const frames = this.#batch
    this.#batch = []
    this.#batchBytes = 0
    if (this.#socket.readyState === WebSocket.OPEN) this.#raw?.write(joinFrames(frames), ignoreFailure)
  }

  close(code: number, reason: string): void {
    if (this.#ourEnding !== undefined || this.#socket.readyState === WebSocket.CLOSED) return
    this.#writeBatch()
    this.#ourEnding = { by: 'us', code, reason }
    this.#socket.close(code, fitting(reason))
    this.#giveUpClosing()
  }

  #received(data: RawData, isBinary: boolean): void {
    if (this.#ourEnding !== undefined) return
    const bytes = data as Buffer // binaryType is ws's default, nodebuffer
    this.#listener.received(isBinary ? bytes : bytes.toString(), this.#readAt)
  }

  #keepAlive(): void {
    const pingedAt = this.#options.clock.now()
    this.#wakeIn(this.#options.heartbeatUs, () => {
      if (this.#readAt >= pingedAt) {
        this.#socket.ping(ignoreFailure)
        this.#keepAlive()
        return
      }
      const { closeCode, reason } = conducts['peer-silent']
      this.#ourEnding = { by: 'network', code: closeCode, reason }
      this.#bury() // a close frame would wait for an answer that cannot come
    })
  }

  /** ws has found the peer's framing wrong and is closing, or the network is gone. */
  #failed(error: Error & { readonly code?: string }): void {
    this.#failure = error.message
    if (this.#ourEnding !== undefined || error.code?.startsWith('WS_ERR') !== true) return
    const tooLarge = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
    const code = tooLarge ? conducts['frame-too-large'].closeCode : 1002
    this.#ourEnding = { by: 'us', code, reason: error.message }
    this.#giveUpClosing()
  }

  #giveUpClosing(): void {
    this.#wakeIn(closeTimeoutUs, () => this.#bury())
  }

  /** Without a word, and with what the kernel still holds for the peer: sent later, it would be in the way of what is new. */
  #bury(): void {
    if (this.#raw === undefined) this.#socket.terminate()
    else this.#raw.resetAndDestroy()
  }

  #wakeIn(delayUs: number, run: () => void): void {
    this.#cancelTimer?.()
    this.#cancelTimer = this.#options.timers.wakeAt(shift(this.#options.clock.now(), delayUs), run)
  }

  #closed(code: number, reason: string): void {
    this.#cancelTimer?.()
    this.#listener.closed(
      this.#ourEnding ?? { by: code === 1006 ? 'network' : 'peer', code, reason: reason || this.#failure },
    )
  }
}

/** A write that fails is followed by `close`, which says it once. */
function ignoreFailure(): void {}

/** A close frame holds 123 bytes of reason (RFC 6455, section 5.5). */
function fitting(reason: string): string {
  let short = reason.slice(0, 123)
  while (Buffer.byteLength(short) > 123) short = short.slice(0, -1)
  return short
}
