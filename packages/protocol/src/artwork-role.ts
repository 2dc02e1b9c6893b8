/** What the `artwork` role adds to messages. */

export const artworkSources = ['album', 'artist', 'none'] as const
export type ArtworkSource = (typeof artworkSources)[number]
export const imageFormats = ['jpeg', 'png', 'bmp'] as const
export type ImageFormat = (typeof imageFormats)[number]

export interface ArtworkChannel {
  readonly source: ArtworkSource
  readonly format: ImageFormat
  /** Pixels. */
  readonly media_width: number
  readonly media_height: number
}

/** `artwork@v1_support` in `client/hello`: up to four channels, numbered from 0 in this order. */
export interface ArtworkSupport {
  readonly channels: readonly ArtworkChannel[]
}

/** `artwork` in `stream/start`: the channels as they will be served. */
export interface ArtworkStream {
  readonly channels: readonly {
    readonly source: ArtworkSource
    readonly format: ImageFormat
    readonly width: number
    readonly height: number
  }[]
}

/** `artwork` in `stream/request-format`; what is absent stays as it is. */
export interface ArtworkFormatRequest extends Partial<ArtworkChannel> {
  /** 0 to 3. */
  readonly channel: number
}
