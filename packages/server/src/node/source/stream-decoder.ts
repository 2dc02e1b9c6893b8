/** Decodes a file's bytes as they are read, without ffmpeg. */
import decode from 'audio-decode'
import type { AudioKind } from './audio-kind.js'
import { createFlacStreamDecoder } from './flac-stream-decoder.js'
import { createWavStreamDecoder } from './wav-stream-decoder.js'

export interface Pcm {
  /** Planar, all of the same length, at least one frame. */
  readonly channels: readonly Float32Array[]
  /** Hertz. */
  readonly sampleRate: number
}

/** Rejects, from any call, when the bytes are not what they began as. */
export interface StreamDecoder {
  decode(chunk: Uint8Array): Promise<readonly Pcm[]>
  /** What is left once all bytes are in. */
  finish(): Promise<readonly Pcm[]>
  /** Safe to call twice, and after `finish`. */
  free(): void
}

interface Entry {
  readonly create: () => Promise<StreamDecoder>
  /** Bytes to read at a time: 50 to 250 ms of audio, so that decoding never holds up the event loop for long. */
  readonly chunkBytes: number
}

export const streamDecoders: Readonly<Record<AudioKind, Entry>> = {
  mp3: { create: () => fromAudioDecode('mp3'), chunkBytes: 4096 },
  opus: { create: () => fromAudioDecode('opus'), chunkBytes: 4096 },
  vorbis: { create: () => fromAudioDecode('oga'), chunkBytes: 4096 },
  aac: { create: () => fromAudioDecode('aac'), chunkBytes: 4096 },
  m4a: { create: () => fromAudioDecode('m4a'), chunkBytes: 65_536 }, // keeps everything until the end anyway
  flac: { create: async () => createFlacStreamDecoder(), chunkBytes: 16_384 },
  wav: { create: async () => createWavStreamDecoder(() => fromAudioDecode('wav')), chunkBytes: 32_768 },
}

async function fromAudioDecode(format: 'mp3' | 'opus' | 'oga' | 'm4a' | 'aac' | 'wav'): Promise<StreamDecoder> {
  const decoder = await decode[format]()
  return {
    decode: async (chunk) => toPcm(await decoder(chunk)),
    finish: async () => toPcm(await decoder()),
    free: () => decoder.free(),
  }
}

function toPcm({ channelData, sampleRate }: { channelData: Float32Array[]; sampleRate: number }): readonly Pcm[] {
  return channelData.length === 0 || channelData[0]!.length === 0 ? [] : [{ channels: channelData, sampleRate }]
}
