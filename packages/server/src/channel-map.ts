/** Turns audio of any channel count into one or two channels. */
import AudioBuffer from 'audio-buffer'

/** Half the power: how much of a centre or surround channel goes to a side (ITU-R BS.775-4, annex 4). */
const halfPower = Math.SQRT1_2

/** Gains from each channel to left and right, for channels in the order WAV and FLAC have them (RFC 9639, 9.1.3). */
function stereoGains(channels: number): readonly (readonly [left: number, right: number])[] {
  const left = [1, 0] as const
  const right = [0, 1] as const
  const centre = [halfPower, halfPower] as const
  const surroundLeft = [halfPower, 0] as const
  const surroundRight = [0, halfPower] as const
  const nothing = [0, 0] as const // low-frequency effects: small speakers cannot, large ones have the bass anyway
  switch (channels) {
    case 1:
      return [[1, 1]]
    case 2:
      return [left, right]
    case 3:
      return [left, right, centre]
    case 4:
      return [left, right, surroundLeft, surroundRight]
    case 5:
      return [left, right, centre, surroundLeft, surroundRight]
    case 6:
      return [left, right, centre, nothing, surroundLeft, surroundRight]
    case 7:
      return [left, right, centre, nothing, centre, surroundLeft, surroundRight]
    default:
      return [left, right, centre, nothing, surroundLeft, surroundRight, surroundLeft, surroundRight]
  }
}

/** The block in `channels` (1 or 2) channels; the block itself where it has them. Louder than full scale it never gets. */
export function mapChannels(block: AudioBuffer, channels: number): AudioBuffer {
  const from = block.numberOfChannels
  if (from === channels) return block
  const { length, sampleRate } = block
  const gains = stereoGains(from).map(([left, right]) => (channels === 1 ? [(left + right) / 2] : [left, right]))
  const mapped = new AudioBuffer({ length, sampleRate, numberOfChannels: channels })
  for (let channel = 0; channel < channels; channel++) {
    const total = gains.reduce((sum, gain) => sum + gain[channel]!, 0)
    const samples = mapped.getChannelData(channel)
    for (const [source, gain] of gains.entries()) {
      const weight = gain[channel]! / Math.max(total, 1)
      if (weight === 0 || source >= from) continue
      const input = block.getChannelData(source)
      for (let frame = 0; frame < length; frame++) samples[frame]! += input[frame]! * weight
    }
  }
  return mapped
}
