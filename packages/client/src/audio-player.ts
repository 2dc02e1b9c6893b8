/** A player of real audio: payloads are bytes, decoded into AudioBuffers. */
import { ClockSync, type Random } from '@tutti/clock'
import AudioBuffer from 'audio-buffer'
import { Player } from './player.js'
import type { PlayerConfig } from './player-config.js'
import type { PlayerParts } from './player-ports.js'

export type AudioPlayer = Player<Uint8Array, AudioBuffer>

export function createAudioPlayer(
  config: PlayerConfig,
  parts: Pick<PlayerParts<Uint8Array, AudioBuffer>, 'connect' | 'settings' | 'output' | 'media'>,
  random: Random,
): AudioPlayer {
  return new Player<Uint8Array, AudioBuffer>(config, {
    ...parts,
    sizeOf: (payload) => payload.byteLength,
    tailOf,
    random,
    synchronise: (remembered) => new ClockSync({ random, ...(remembered ? { remembered } : {}) }),
  })
}

function tailOf(block: AudioBuffer, from: number): AudioBuffer {
  const { numberOfChannels, sampleRate, length } = block
  const tail = new AudioBuffer({ length: length - from, sampleRate, numberOfChannels })
  for (let channel = 0; channel < numberOfChannels; channel++) {
    tail.copyToChannel(block.getChannelData(channel).subarray(from), channel)
  }
  return tail
}
