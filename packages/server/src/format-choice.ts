/** Which of a player's formats it is served in (Sendspin, "player@v1 support object"). */
import { type AudioFormat, type PlayerFormatRequest, type PlayerSupport, toAudioFormat } from '@tutti/protocol'

/** The formats of a player that this server can make, best first. */
export function producibleFormats(
  { supported_formats }: PlayerSupport,
  canEncode: (format: AudioFormat) => boolean,
): readonly AudioFormat[] {
  return supported_formats.flatMap((wire) => {
    const format = toAudioFormat(wire)
    return format !== undefined && canEncode(format) ? [format] : []
  })
}

/** The best format that has all a player asked for; undefined when there is none. */
export function requestedFormat(
  formats: readonly AudioFormat[],
  request: PlayerFormatRequest,
  current: AudioFormat | undefined,
): AudioFormat | undefined {
  const matches = formats.filter(
    (format) =>
      format.codec === (request.codec ?? current?.codec ?? format.codec) &&
      format.sampleRate === (request.sample_rate ?? format.sampleRate) &&
      format.channels === (request.channels ?? format.channels) &&
      (format.codec === 'opus' || format.bitDepth === (request.bit_depth ?? format.bitDepth)),
  )
  // What the request leaves open stays as it is where it can.
  const likeness = (format: AudioFormat): number =>
    (format.sampleRate === current?.sampleRate ? 4 : 0) +
    (format.channels === current?.channels ? 2 : 0) +
    (format.bitDepth === current?.bitDepth ? 1 : 0)
  return matches.reduce<AudioFormat | undefined>(
    (best, format) => (best === undefined || likeness(format) > likeness(best) ? format : best),
    undefined,
  )
}
