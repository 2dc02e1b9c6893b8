/**
 * What goes over a connection, between the values a session reasons with and the frames a transport carries. Sendspin
 * has had three generations under one version number; what differs once a frame's content is plain is in `Dialect`.
 */
import type { AudioChunk } from './audio-chunk.js'
import { type AudioHeaderBytes, type BinaryItem, decodeBinary, encodeArtwork, encodeAudio } from './binary-frame.js'
import type { Message, MessageSchemas } from './message.js'
import { formatMessage, parseMessage } from './message-text.js'
import { type Violation, violation } from './violation.js'

/** As a WebSocket carries it: text or binary. */
export type Frame = string | Uint8Array

export type WireItem<M extends Message> = { readonly kind: 'message'; readonly message: M } | BinaryItem

/** How this connection's generation spells things. */
export interface Dialect {
  readonly generation: 'L1' | 'E1' | 'E2'
  readonly audioHeaderBytes: AudioHeaderBytes
  /** Whether state objects say what changed, or everything. */
  readonly states: 'delta' | 'full'
}

export interface WireCodec<In extends Message, Out extends Message> {
  readonly dialect: Dialect
  /** A chunk that many peers are sent may come out as one frame for all of them: nobody may change it. */
  encode(item: WireItem<Out>): Frame
  /** Never throws, whatever a peer sends. */
  decode(frame: Frame): WireItem<In> | Violation
}

const L1: Dialect = { generation: 'L1', audioHeaderBytes: 9, states: 'delta' }

/** The generation of mid 2026: messages are text frames, media are binary frames, nothing is encrypted. */
export class CleartextCodec<In extends Message, Out extends Message> implements WireCodec<In, Out> {
  readonly dialect = L1
  readonly #schemas: MessageSchemas<In>
  readonly #acceptsMedia: boolean

  /** `acceptsMedia`: servers send audio and artwork, clients send neither. */
  constructor(schemas: MessageSchemas<In>, { acceptsMedia }: { readonly acceptsMedia: boolean }) {
    this.#schemas = schemas
    this.#acceptsMedia = acceptsMedia
  }

  encode(item: WireItem<Out>): Frame {
    switch (item.kind) {
      case 'message':
        return formatMessage(item.message)
      case 'audio':
        return sharedAudioFrame(item.chunk)
      case 'artwork':
        return encodeArtwork(item.image)
    }
  }

  decode(frame: Frame): WireItem<In> | Violation {
    if (typeof frame === 'string') {
      const parsed = parseMessage(frame, this.#schemas)
      return 'kind' in parsed ? parsed : { kind: 'message', message: parsed }
    }
    const item = decodeBinary(frame, this.dialect.audioHeaderBytes)
    if (item.kind === 'violation' || this.#acceptsMedia) return item
    return violation('unexpected-binary', `${item.kind}, ${frame.length} bytes`)
  }
}

const audioFrames = new WeakMap<AudioChunk, Uint8Array>()

/** Made once for a chunk, however many connections it goes out on. */
function sharedAudioFrame(chunk: AudioChunk): Uint8Array {
  let frame = audioFrames.get(chunk)
  if (frame === undefined) {
    frame = encodeAudio(chunk)
    audioFrames.set(chunk, frame)
  }
  return frame
}
