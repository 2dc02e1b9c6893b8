/**
 * Parts the titles from the audio of an internet radio stream: after every `icy-metaint` bytes of audio comes one byte
 * with the length of a text in units of 16, and the text, mostly none (SHOUTcast's ICY protocol, as servers speak it).
 */
import type { TrackTags } from '../../audio-source.js'
import { decodePlainText } from './plain-text.js'

const lengthUnit = 16

export class IcyDemuxer {
  readonly #intervalBytes: number
  #audioLeft: number
  /** The text being read, and what of it is there. */
  #text: Uint8Array | undefined
  #textBytes = 0

  /** @param intervalBytes of audio between texts, at least 1 */
  constructor(intervalBytes: number) {
    this.#intervalBytes = intervalBytes
    this.#audioLeft = intervalBytes
  }

  /** The audio in `chunk`, and the last title in it, if any. */
  split(chunk: Uint8Array): { readonly audio: Uint8Array; readonly title: string | undefined } {
    const parts: Uint8Array[] = []
    let title: string | undefined
    for (let at = 0; at < chunk.length; ) {
      if (this.#audioLeft > 0) {
        const part = chunk.subarray(at, at + this.#audioLeft)
        parts.push(part)
        this.#audioLeft -= part.length
        at += part.length
      } else if (this.#text === undefined) {
        this.#text = new Uint8Array(chunk[at]! * lengthUnit)
        this.#textBytes = 0
        at++
      } else {
        const part = chunk.subarray(at, at + this.#text.length - this.#textBytes)
        this.#text.set(part, this.#textBytes)
        this.#textBytes += part.length
        at += part.length
      }
      if (this.#text !== undefined && this.#textBytes === this.#text.length) {
        title = streamTitle(this.#text) ?? title
        this.#text = undefined
        this.#audioLeft = this.#intervalBytes
      }
    }
    return { audio: parts.length === 1 ? parts[0]! : Buffer.concat(parts), title }
  }
}

/** What `Artist - Title` says; stations write no other form that could be told apart. */
export function titleTags(title: string): TrackTags {
  const [, artist, name] = /^(.+?) - (.+)$/.exec(title) ?? []
  return artist === undefined || name === undefined ? { title } : { artist: artist.trim(), title: name.trim() }
}

function streamTitle(bytes: Uint8Array): string | undefined {
  // A title may hold apostrophes: it ends at the one before a semicolon that ends the text or begins another field.
  const [, title] = /StreamTitle='(.*?)';(?=\0|$|\w+=)/s.exec(decodePlainText(bytes)) ?? []
  return title?.trim() || undefined
}
