/** Title, artist, cover and length of a file, by `music-metadata`. */
import { parseFile, selectCover } from 'music-metadata'
import type { TrackTags } from '../../audio-source.js'

export interface FileTags {
  readonly tags: TrackTags
  /** Undefined when the file does not say. */
  readonly durationMs: number | undefined
  /** Undefined when the file does not say. */
  readonly channels: number | undefined
}

/** A cover is sent to every player that shows one; nobody needs more than this. */
const maxArtworkBytes = 10_000_000

/** Never rejects: a file without readable tags may still play. */
export async function readTags(path: string, { skipCovers = false } = {}): Promise<FileTags> {
  try {
    const { common, format } = await parseFile(path, { skipCovers })
    const cover = selectCover(common.picture)
    const isShown = cover !== null && cover.data.length > 0 && cover.data.length <= maxArtworkBytes
    return {
      tags: {
        ...(common.title && { title: common.title }),
        ...(common.artist && { artist: common.artist }),
        ...(common.albumartist && { albumArtist: common.albumartist }),
        ...(common.album && { album: common.album }),
        ...(common.year && { year: common.year }),
        ...(common.track.no && { track: common.track.no }),
        ...(isShown && { artwork: { mimeType: cover.format, bytes: cover.data } }),
      },
      durationMs: format.duration === undefined ? undefined : format.duration * 1000,
      channels: format.numberOfChannels,
    }
  } catch {
    return { tags: {}, durationMs: undefined, channels: undefined }
  }
}
