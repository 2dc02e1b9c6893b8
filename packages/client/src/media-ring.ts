/**
 * Decoded audio in memory that two threads may share: one appends, one plays. Frames are known by their absolute
 * number, which outgrows 32 bits within a day; where the window begins and ends is published as one record, so the
 * reader never sees half a step. Always two channels: a mono block is written to both.
 */
import type AudioBuffer from 'audio-buffer'
import type { MediaWriter } from './media-store.js'
import { SharedRecord } from './shared-record.js'

/** A smaller ring would not hold a chunk and what a filter reaches for. */
const leastFrames = 640
/** Kept behind the playhead for the filter's backward half, and for what a fade beyond the end mirrors: 5 ms at 96 kHz. */
export const historyFrames = 512

const recordByte = 8
const audioByte = 64
const first = 0
const end = 1

export class MediaRing implements MediaWriter<AudioBuffer> {
  readonly buffer: ArrayBufferLike
  readonly capacity: number
  readonly #left: Float32Array
  readonly #right: Float32Array
  readonly #window: SharedRecord
  /** Frames of the fade-in that the next appended audio begins with, and how far it has come. */
  #fadeInFrames = 0
  #fadedIn = 0

  /** A ring that threads can share; pass `buffer` to the other one. */
  static allocate(capacityFrames: number): MediaRing {
    if (!(capacityFrames >= leastFrames && capacityFrames < 2 ** 27))
      throw new RangeError(`a media ring cannot hold ${capacityFrames} frames`)
    const capacity = Math.ceil(capacityFrames)
    const bytes = audioByte + 2 * 4 * capacity
    // Pages on plain http have no shared memory, and no second thread to share it with.
    const buffer = typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes)
    new Int32Array(buffer)[0] = capacity
    return new MediaRing(buffer)
  }

  /** The ring in a buffer that `allocate` made, perhaps in another thread. */
  static attach(buffer: ArrayBufferLike): MediaRing {
    return new MediaRing(buffer)
  }

  private constructor(buffer: ArrayBufferLike) {
    const capacity = new Int32Array(buffer)[0]!
    this.buffer = buffer
    this.capacity = capacity
    this.#left = new Float32Array(buffer, audioByte, capacity)
    this.#right = new Float32Array(buffer, audioByte + this.#left.byteLength, capacity)
    this.#window = new SharedRecord(buffer, recordByte, 2)
  }

  get firstFrame(): number {
    this.#window.refresh()
    return this.#window.values[first]!
  }

  get endFrame(): number {
    this.#window.refresh()
    return this.#window.values[end]!
  }

  get freeFrames(): number {
    return this.capacity - (this.endFrame - this.firstFrame)
  }

  /**
   * For the reader: copies the frames from `frame` on. Before the window there is silence; beyond its end it is mirrored,
   * so that what runs out while it fades does not break off. It never allocates, waits or throws.
   */
  read(frame: number, frames: number, left: Float32Array, right: Float32Array): void {
    const { capacity } = this
    const window = this.#window
    window.refresh()
    const firstFrame = window.values[first]!
    const endFrame = window.values[end]!
    const from = Math.min(frames, Math.max(0, firstFrame - frame))
    const until = Math.max(from, Math.min(frames, endFrame - frame))
    const mirrored = Math.max(until, Math.min(frames, 2 * endFrame - firstFrame - frame))
    left.fill(0, 0, from).fill(0, mirrored, frames)
    right.fill(0, 0, from).fill(0, mirrored, frames)
    for (let i = from, index = this.#indexOf(frame + from); i < until; i++, index++) {
      if (index === capacity) index = 0
      left[i] = this.#left[index]!
      right[i] = this.#right[index]!
    }
    for (let i = until, index = this.#indexOf(2 * endFrame - 1 - frame - until); i < mirrored; i++, index--) {
      if (index < 0) index = capacity - 1
      left[i] = this.#left[index]!
      right[i] = this.#right[index]!
    }
  }

  /** @throws RangeError if the block is longer than `freeFrames` */
  append(block: AudioBuffer): void {
    const left = block.getChannelData(0)
    const right = block.numberOfChannels > 1 ? block.getChannelData(1) : left
    const from = this.#reserve(block.length)
    this.#write(this.#left, from, left)
    this.#write(this.#right, from, right)
    if (this.#fadedIn < this.#fadeInFrames) this.#fadeIn(from, block.length)
    this.#publish(end, from + block.length)
  }

  /** Fills a hole in the stream. @throws RangeError if longer than `freeFrames` */
  appendSilence(frames: number): void {
    const from = this.#reserve(frames)
    for (let frame = from; frame < from + frames; frame++) this.#put(frame, 0, 0)
    this.#publish(end, from + frames)
  }

  /**
   * Fades out the last `frames` written, and in the next `frames` appended, so that a hole between them is no click.
   * Call it only for audio still well ahead of the playhead; nearer than that the playout's own fade is under way.
   */
  fadeTail(frames: number): void {
    const stop = this.endFrame
    const from = Math.max(this.firstFrame, stop - frames)
    for (let frame = from; frame < stop; frame++) this.#scale(frame, raisedCosine((stop - frame - 0.5) / (stop - from)))
    this.#fadeInFrames = frames
    this.#fadedIn = 0
  }

  /**
   * Frees what lies before the playhead as telemetry reports it, less what the filter still reaches back to. Releasing
   * more than that silences audio that is being played.
   */
  release(playheadFrame: number): void {
    const keep = Math.min(Math.floor(playheadFrame) - historyFrames, this.endFrame)
    if (keep > this.firstFrame) this.#publish(first, keep)
  }

  /** Where frame `frame` is, or would be. */
  #indexOf(frame: number): number {
    const index = frame % this.capacity
    return index < 0 ? index + this.capacity : index
  }

  #reserve(frames: number): number {
    if (frames > this.freeFrames)
      throw new RangeError(`${frames} frames do not fit into a ring with ${this.freeFrames} free`)
    return this.endFrame
  }

  #publish(edge: number, frame: number): void {
    this.#window.values[edge] = frame
    this.#window.publish()
  }

  #write(channel: Float32Array, from: number, samples: Float32Array): void {
    const start = this.#indexOf(from)
    const untilWrap = Math.min(samples.length, this.capacity - start)
    channel.set(samples.subarray(0, untilWrap), start)
    channel.set(samples.subarray(untilWrap), 0)
  }

  #fadeIn(from: number, frames: number): void {
    const steps = Math.min(frames, this.#fadeInFrames - this.#fadedIn)
    for (let i = 0; i < steps; i++) this.#scale(from + i, raisedCosine((this.#fadedIn + i + 0.5) / this.#fadeInFrames))
    this.#fadedIn += steps
  }

  #scale(frame: number, gain: number): void {
    const index = this.#indexOf(frame)
    this.#put(frame, this.#left[index]! * gain, this.#right[index]! * gain)
  }

  #put(frame: number, left: number, right: number): void {
    const index = this.#indexOf(frame)
    this.#left[index] = left
    this.#right[index] = right
  }
}

/** 0 at 0, 1 at 1, level at both. */
function raisedCosine(x: number): number {
  return 0.5 - 0.5 * Math.cos(Math.PI * x)
}
