/** FLAC by libFLAC: Sendspin's `flac`, one frame a packet, lossless at about half the size of PCM. */
import type { AudioFormat } from '@tutti/protocol'
import type { Flac } from 'libflacjs'
import { checkBlock, type Encoder, type Packet } from '../encoder.js'
import { checkFormat } from '../formats.js'
import { quantize, type Uniform } from '../quantizer.js'
import { loadLibflac } from './libflac.js'

/** libFLAC's default: 1 % smaller than level 2; level 8 gains nothing more on blocks this short. */
const compressionLevel = 5

/**
 * Of audio that was computed, so that no bit of it is anybody's: noise 122 dB below full scale, beneath every converter's
 * and 26 dB beneath that of a 16-bit source. Zeros at the end of every sample cost nothing (RFC 9639 §9.2.2, wasted
 * bits); the bits in their place would be noise, which nothing can compress: 384 kbit/s at 48 kHz stereo.
 */
const computedBits = 20

/**
 * Frames per packet by greatest sample rate: block sizes that a frame header codes in four bits, chosen to last 20 to
 * 40 ms (24 ms at 48 kHz, 26 ms at 44.1 kHz), between Sendspin's 15 and 150. Blocks of 4096 compress 1 % better
 * but make a player wait for, and a network lose, more at once.
 */
const blockSizes: readonly { readonly maxSampleRate: number; readonly frames: number }[] = [
  { maxSampleRate: 16_000, frames: 256 },
  { maxSampleRate: 24_000, frames: 576 },
  { maxSampleRate: 48_000, frames: 1152 },
  { maxSampleRate: 96_000, frames: 2304 },
  { maxSampleRate: 192_000, frames: 4608 },
]

/**
 * Silence before the first frame. The library gives a block out when it has one frame of the next (`OVERREAD_` in its
 * stream_encoder.c): that frame ahead, every packet comes with its own last frame instead of a packet later.
 */
const aheadFrames = 1

/** Bit of the first byte of a metadata block header: no other block follows (RFC 9639 §8.1). */
const lastBlockFlag = 0x80

/** `uniform` adds dither to 16-bit output; see `quantize`. Rejects with a RangeError when FLAC does not come in `format`. */
export async function createFlacEncoder(format: AudioFormat, uniform?: Uniform): Promise<Encoder> {
  checkFormat(format, 'flac')
  const flac = await loadLibflac()
  const packetFrames = blockSizes.find((size) => format.sampleRate <= size.maxSampleRate)!.frames
  let stream = openStream(flac, format, packetFrames)
  let isClosed = false

  const encoder: Encoder = {
    format,
    codecHeader: stream.codecHeader,
    packetFrames,
    lookaheadFrames: aheadFrames,
    holdFrames: packetFrames,
    encode(block) {
      checkBlock(encoder, block)
      stream.process(quantize(block, format.bitDepth, uniform, computedBits), block.length)
      return stream.takePackets()
    },
    flush() {
      stream.finish()
      const packets = stream.takePackets()
      stream = openStream(flac, format, packetFrames)
      return packets
    },
    reset() {
      stream.finish()
      stream = openStream(flac, format, packetFrames)
    },
    close() {
      if (!isClosed) stream.finish()
      isClosed = true
    },
  }
  return encoder
}

interface FlacStream {
  readonly codecHeader: string
  process(interleaved: Int32Array<ArrayBuffer>, frames: number): void
  takePackets(): readonly Packet[]
  /** Encodes what is held back and frees the library's encoder. */
  finish(): void
}

function openStream(flac: Flac, format: AudioFormat, packetFrames: number): FlacStream {
  const { sampleRate, channels, bitDepth } = format
  const id = flac.create_libflac_encoder(sampleRate, channels, bitDepth, compressionLevel, 0, false, packetFrames)
  if (id === 0)
    throw new Error(`libFLAC could not make an encoder for ${sampleRate} Hz, ${channels} channels, ${bitDepth} bits.`)
  const header: Uint8Array[] = []
  let packets: Packet[] = []
  const status = flac.init_encoder_stream(
    id,
    (bytes, _length, frames) => {
      if (frames > 0) packets.push({ bytes, frames })
      else header.push(bytes)
    },
    () => undefined, // the final STREAMINFO, which a live stream has no use for
  )
  if (status !== 0) throw new Error(`libFLAC could not start a stream: status ${status}.`)
  const process = (interleaved: Int32Array<ArrayBuffer>, frames: number): void => {
    const ok = flac.FLAC__stream_encoder_process_interleaved(id, interleaved, frames)
    if (!ok) throw new Error(`libFLAC stopped encoding: state ${flac.FLAC__stream_encoder_get_state(id)}.`)
  }
  process(new Int32Array(aheadFrames * channels), aheadFrames)

  return {
    codecHeader: codecHeader(header),
    process,
    takePackets() {
      const taken = packets
      packets = []
      return taken
    },
    finish() {
      flac.FLAC__stream_encoder_finish(id)
      flac.FLAC__stream_encoder_delete(id)
    },
  }
}

/** The library writes `fLaC`, STREAMINFO and a comment; a player needs the first two. */
function codecHeader([marker, streamInfo]: readonly Uint8Array[]): string {
  const header = Buffer.concat([marker!, streamInfo!])
  header[4]! |= lastBlockFlag
  return header.toString('base64')
}
