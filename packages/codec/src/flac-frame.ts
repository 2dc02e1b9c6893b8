/**
 * Decodes one FLAC frame (RFC 9639 §9): header, subframes, decorrelation, checksums.
 *
 * Written here because the WebAssembly decoders at hand are asynchronous, take one frame a call, scale samples by
 * 2^(bits-1) - 1 and write errors to the console; a stream of frames needs none of libFLAC's container handling.
 */
import { BitReader } from './bit-reader.js'
import { crc8, crc16 } from './crc.js'

/** What a frame header may leave to STREAMINFO. */
export interface FlacDefaults {
  readonly sampleRate: number
  readonly bitDepth: number
}

export interface FlacFrame {
  readonly sampleRate: number
  readonly bitDepth: number
  /** One array per channel, all of the same length. */
  readonly samples: readonly Int32Array[]
  /** The first byte after the frame. */
  readonly end: number
}

/** Cut short: a longer array might hold the whole frame. Corrupt: no more bytes will help. */
export type FlacFault = 'cut short' | 'corrupt'

/** Codes of the frame header (RFC 9639 §9.1.2 and §9.1.4); 0 is "see STREAMINFO", undefined is reserved or elsewhere. */
const sampleRates = [0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000]
const bitDepths = [0, 8, 12, undefined, 16, 20, 24] // 32 would need 33-bit side channels; nothing we play has it

/** How each channel assignment above the eight independent ones turns its pair back into left and right. */
type Decorrelate = (first: Int32Array, second: Int32Array) => void
const stereo: readonly { readonly sideChannel: number; readonly decorrelate: Decorrelate }[] = [
  { sideChannel: 1, decorrelate: fromLeftAndSide },
  { sideChannel: 0, decorrelate: fromSideAndRight },
  { sideChannel: 1, decorrelate: fromMidAndSide },
]

/** What fixed prediction weighs the last samples by, the newest first (RFC 9639 §9.2.5). */
const fixedPredictors: readonly (readonly number[])[] = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]]

interface Header {
  readonly blockSize: number
  readonly sampleRate: number
  readonly bitDepth: number
  readonly assignment: number
}

/** Kept so that there is one whenever V8 collects garbage: see `BlockMaker`. */
let latestReader = new BitReader(new Uint8Array(0), 0)

/** Decodes the frame that starts at byte `at`, of at most 24 bits a sample. */
export function decodeFlacFrame(bytes: Uint8Array, at: number, defaults: FlacDefaults): FlacFrame | FlacFault {
  latestReader = new BitReader(bytes, at)
  const reader = latestReader
  const header = readHeader(reader, defaults)
  if (reader.isExhausted) return 'cut short'
  if (header === undefined || crc8(bytes, at, reader.byte) !== 0) return 'corrupt'

  const { blockSize, sampleRate, bitDepth, assignment } = header
  const pair = stereo[assignment - 8]
  const channels = pair === undefined ? assignment + 1 : 2
  const samples: Int32Array[] = []
  for (let channel = 0; channel < channels; channel++) {
    const block = new Int32Array(blockSize)
    const isWhole = readSubframe(reader, block, bitDepth + (pair?.sideChannel === channel ? 1 : 0))
    if (reader.isExhausted) return 'cut short'
    if (!isWhole) return 'corrupt'
    samples.push(block)
  }
  reader.alignToByte()
  reader.unsigned(16)
  if (reader.isExhausted) return 'cut short'
  if (crc16(bytes, at, reader.byte) !== 0) return 'corrupt'
  pair?.decorrelate(samples[0]!, samples[1]!)
  return { sampleRate, bitDepth, samples, end: reader.byte }
}

/** Reads through the CRC-8; undefined when a field has a value that RFC 9639 reserves or we do not play. */
function readHeader(reader: BitReader, defaults: FlacDefaults): Header | undefined {
  if (reader.unsigned(15) !== 0b111_1111_1111_1100) return undefined
  reader.unsigned(1) // fixed or variable block size: only changes what the coded number counts
  const blockCode = reader.unsigned(4)
  const rateCode = reader.unsigned(4)
  const assignment = reader.unsigned(4)
  const depthCode = reader.unsigned(3)
  if (assignment > 10 || reader.unsigned(1) !== 0) return undefined

  const leadingOnes = Math.clz32(~(reader.unsigned(8) << 24))
  if (leadingOnes === 1 || leadingOnes > 7) return undefined
  for (let i = 1; i < leadingOnes; i++) reader.unsigned(8)

  const blockSize = readBlockSize(reader, blockCode)
  const sampleRate = readSampleRate(reader, rateCode) ?? 0
  const bitDepth = bitDepths[depthCode]
  reader.unsigned(8)
  if (blockSize === undefined || rateCode === 15 || bitDepth === undefined) return undefined
  return {
    blockSize,
    sampleRate: sampleRate || defaults.sampleRate,
    bitDepth: bitDepth || defaults.bitDepth,
    assignment,
  }
}

function readBlockSize(reader: BitReader, code: number): number | undefined {
  if (code === 0) return undefined
  if (code === 1) return 192
  if (code <= 5) return 144 << code
  if (code === 6) return reader.unsigned(8) + 1
  if (code === 7) return reader.unsigned(16) + 1
  return 1 << code
}

function readSampleRate(reader: BitReader, code: number): number | undefined {
  if (code === 12) return reader.unsigned(8) * 1000
  if (code === 13) return reader.unsigned(16)
  if (code === 14) return reader.unsigned(16) * 10
  return sampleRates[code]
}

/** Fills `block`; false when a field has a reserved value. */
function readSubframe(reader: BitReader, block: Int32Array, bitDepth: number): boolean {
  if (reader.unsigned(1) !== 0) return false
  const type = reader.unsigned(6)
  const wastedBits = reader.unsigned(1) === 0 ? 0 : reader.unary() + 1
  const bits = bitDepth - wastedBits
  if (bits < 1 || !readPrediction(reader, block, type, bits)) return false
  if (wastedBits > 0) for (let i = 0; i < block.length; i++) block[i]! <<= wastedBits
  return true
}

function readPrediction(reader: BitReader, block: Int32Array, type: number, bits: number): boolean {
  if (type === 0) {
    block.fill(reader.signed(bits))
    return true
  }
  if (type === 1) {
    for (let i = 0; i < block.length; i++) block[i] = reader.signed(bits)
    return true
  }
  if (type >= 8 && type <= 12) return readFixed(reader, block, type - 8, bits)
  if (type >= 32) return readLinear(reader, block, type - 31, bits)
  return false
}

function readFixed(reader: BitReader, block: Int32Array, order: number, bits: number): boolean {
  for (let i = 0; i < order; i++) block[i] = reader.signed(bits)
  if (!readResidual(reader, block, order)) return false
  addPrediction(block, fixedPredictors[order]!, 0)
  return true
}

function readLinear(reader: BitReader, block: Int32Array, order: number, bits: number): boolean {
  for (let i = 0; i < order; i++) block[i] = reader.signed(bits)
  const precision = reader.unsigned(4) + 1
  const shift = reader.signed(5)
  if (precision > 15 || shift < 0) return false
  const coefficients = Array.from({ length: order }, () => reader.signed(precision))
  if (!readResidual(reader, block, order)) return false
  addPrediction(block, coefficients, shift)
  return true
}

/** Puts the residual into `block` after its `order` first samples (RFC 9639 §9.2.7). */
function readResidual(reader: BitReader, block: Int32Array, order: number): boolean {
  const method = reader.unsigned(2)
  if (method > 1) return false
  const parameterBits = method === 0 ? 4 : 5
  const escapeCode = (1 << parameterBits) - 1
  const partitionOrder = reader.unsigned(4)
  const partitionSize = block.length >> partitionOrder
  if (partitionSize << partitionOrder !== block.length || partitionSize < order) return false
  for (let i = order, end = partitionSize; end <= block.length && !reader.isExhausted; end += partitionSize) {
    const parameter = reader.unsigned(parameterBits)
    if (parameter === escapeCode) {
      const bits = reader.unsigned(5)
      for (; i < end; i++) block[i] = reader.signed(bits)
    } else {
      for (; i < end; i++) {
        const folded = reader.rice(parameter)
        block[i] = (folded >>> 1) ^ -(folded & 1)
      }
    }
  }
  return true
}

/**
 * Turns residuals into samples. The sum is of up to 32 products of 15 by 25 bits, too wide for integer arithmetic but
 * exact in a double.
 */
function addPrediction(block: Int32Array, coefficients: readonly number[], shift: number): void {
  const order = coefficients.length
  const scale = 2 ** -shift
  for (let i = order; i < block.length; i++) {
    let sum = 0
    for (let j = 0; j < order; j++) sum += coefficients[j]! * block[i - 1 - j]!
    block[i]! += Math.floor(sum * scale)
  }
}

function fromLeftAndSide(left: Int32Array, side: Int32Array): void {
  for (let i = 0; i < side.length; i++) side[i] = left[i]! - side[i]!
}

function fromSideAndRight(side: Int32Array, right: Int32Array): void {
  for (let i = 0; i < side.length; i++) side[i]! += right[i]!
}

/** The bit that halving took from mid is the lowest one of side. */
function fromMidAndSide(mid: Int32Array, side: Int32Array): void {
  for (let i = 0; i < side.length; i++) {
    const sum = (mid[i]! << 1) | (side[i]! & 1)
    mid[i] = (sum + side[i]!) >> 1
    side[i] = (sum - side[i]!) >> 1
  }
}
