/**
 * A WAV file that grows without waiting for the disk, and whose header is brought up to date with every flush, so that
 * a crash costs the last half second and leaves the rest readable. (RIFF: Multimedia Programming Interface 1.0, IBM and
 * Microsoft 1991; float samples: WAVE_FORMAT_IEEE_FLOAT with its `fact` chunk.)
 */
import { type FileHandle, open } from 'node:fs/promises'

/** 16-bit samples are rounded without dither; floats are kept as they are. */
export type WavSample = 'float32' | 'int16'

export interface WavFormat {
  readonly sampleRate: number
  readonly channels: number
  readonly sample: WavSample
}

const bytesPerSample = { float32: 4, int16: 2 } as const
const flushMs = 500
/** How long the disk may stand still before the recording fails: memory is bounded by twice this. */
const patienceMs = 4_000
/** A RIFF chunk's length has 32 bits. */
const longestBytes = 2 ** 32 - 256

export class WavFile {
  readonly #format: WavFormat
  readonly #path: string
  readonly #handle: FileHandle
  readonly #frameBytes: number
  readonly #flushBytes: number
  readonly #longestBytes: number
  #filling: DataView<ArrayBuffer>
  #spare: DataView<ArrayBuffer>
  #filled = 0
  #handedBytes = 0
  #writtenBytes = 0
  #flushing: Promise<void> | undefined
  #failure: Error | undefined
  #closed: Promise<void> | undefined

  /** Creates or replaces the file. @throws what `fs.open` throws */
  static async create(path: string, format: WavFormat, longest = longestBytes): Promise<WavFile> {
    const file = new WavFile(path, await open(path, 'w'), format, longest)
    await file.#writeHeader()
    return file
  }

  private constructor(path: string, handle: FileHandle, format: WavFormat, longest: number) {
    this.#path = path
    this.#handle = handle
    this.#format = format
    this.#longestBytes = longest
    this.#frameBytes = format.channels * bytesPerSample[format.sample]
    const bytesPerMs = (format.sampleRate * this.#frameBytes) / 1000
    this.#flushBytes = bytesPerMs * flushMs
    const bufferFrames = Math.ceil((format.sampleRate * patienceMs) / 1000)
    this.#filling = new DataView(new ArrayBuffer(bufferFrames * this.#frameBytes))
    this.#spare = new DataView(new ArrayBuffer(bufferFrames * this.#frameBytes))
  }

  /** Why the recording has ended before it was closed; undefined while all is well. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Appends the first `frames` of each channel, or silence. Never waits; does nothing after a failure. */
  append(frames: number, channels?: readonly Float32Array[]): void {
    for (let i = 0; i < frames; i++) {
      if (!this.#hasRoom()) return
      for (let c = 0; c < this.#format.channels; c++) this.#put(channels ? channels[c]![i]! : 0)
    }
    if (this.#filled >= this.#flushBytes) this.#flush()
  }

  /** Writes what is left and closes the file. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.#finish()
    return this.#closed
  }

  async #finish(): Promise<void> {
    await this.#flushing
    this.#flush()
    await this.#flushing
    await this.#handle.close()
  }

  #hasRoom(): boolean {
    if (this.#failure !== undefined) return false
    if (this.#handedBytes + this.#filled + this.#frameBytes > this.#longestBytes) {
      this.#failure = new Error(`${this.#path} has reached 4 GiB, the longest a WAV file can be: record into a new one`)
    } else if (this.#filled + this.#frameBytes > this.#filling.byteLength)
      this.#failure = new Error(
        `the disk has not taken any of ${this.#path} for ${patienceMs / 1000} s: recording ended`,
      )
    return this.#failure === undefined
  }

  #put(sample: number): void {
    if (this.#format.sample === 'float32') this.#filling.setFloat32(this.#filled, sample, true)
    else this.#filling.setInt16(this.#filled, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true)
    this.#filled += bytesPerSample[this.#format.sample]
  }

  /** Hands what is filled to the disk, unless it is still busy with the last. */
  #flush(): void {
    if (this.#flushing !== undefined || this.#filled === 0) return
    const data = new Uint8Array(this.#filling.buffer, 0, this.#filled)
    ;[this.#filling, this.#spare] = [this.#spare, this.#filling]
    this.#filled = 0
    this.#handedBytes += data.byteLength
    this.#flushing = this.#writeOut(data)
      .catch((error: Error) => {
        this.#failure ??= new Error(`cannot write ${this.#path}: ${error.message}`)
      })
      .finally(() => {
        this.#flushing = undefined
      })
  }

  async #writeOut(data: Uint8Array): Promise<void> {
    const at = this.#header().byteLength + this.#writtenBytes
    for (let done = 0; done < data.byteLength; )
      done += (await this.#handle.write(data, done, data.byteLength - done, at + done)).bytesWritten
    this.#writtenBytes += data.byteLength
    await this.#writeHeader()
  }

  async #writeHeader(): Promise<void> {
    await this.#handle.write(this.#header(), 0, undefined, 0)
  }

  #header(): Buffer {
    const { sampleRate, channels, sample } = this.#format
    const isFloat = sample === 'float32'
    const header = Buffer.alloc(isFloat ? 58 : 44)
    const dataAt = header.length - 8
    header.write('RIFF', 0, 'latin1')
    header.writeUInt32LE(header.length - 8 + this.#writtenBytes, 4)
    header.write('WAVEfmt ', 8, 'latin1')
    header.writeUInt32LE(isFloat ? 18 : 16, 16)
    header.writeUInt16LE(isFloat ? 3 : 1, 20)
    header.writeUInt16LE(channels, 22)
    header.writeUInt32LE(sampleRate, 24)
    header.writeUInt32LE(sampleRate * this.#frameBytes, 28)
    header.writeUInt16LE(this.#frameBytes, 32)
    header.writeUInt16LE(8 * bytesPerSample[sample], 34)
    if (isFloat) {
      header.write('fact', 38, 'latin1')
      header.writeUInt32LE(4, 42)
      header.writeUInt32LE(this.#writtenBytes / this.#frameBytes, 46)
    }
    header.write('data', dataAt, 'latin1')
    header.writeUInt32LE(this.#writtenBytes, dataAt + 4)
    return header
  }
}
