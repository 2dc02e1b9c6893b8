/**
 * Changes the sample rate of consecutive blocks by a fixed ratio: a polyphase filter with one set of windowed-sinc
 * coefficients for each of the positions an output frame can have between two input frames (Crochiere and Rabiner,
 * "Multirate Digital Signal Processing", 1983). Output frame 0 is input frame 0: the filter adds no delay, it only
 * needs to see a little of what follows.
 */
import { kaiser, sinc } from '@tutti/dsp'
import AudioBuffer from 'audio-buffer'

/** Zero crossings of the sinc on each side: flat to 20 kHz at 44.1 kHz. */
const sideLobes = 36
/** Kaiser's shape parameter: images and aliases are more than 100 dB down. */
const beta = 10

export class SampleRateConverter {
  readonly #toRate: number
  readonly #channels: number
  /** Output frames per `#step` input frames. */
  readonly #phases: number
  readonly #step: number
  readonly #taps: number
  /** Coefficients of each phase, one after the other. */
  readonly #table: Float32Array
  /** Input of each channel, from frame `#inputStart` on; the frames before the first are silence. */
  #input: Float32Array[]
  #inputFrames: number
  #inputStart: number
  #received = 0
  #given = 0

  constructor(fromRate: number, toRate: number, channels: number) {
    const divisor = greatestCommonDivisor(fromRate, toRate)
    this.#toRate = toRate
    this.#channels = channels
    this.#phases = toRate / divisor
    this.#step = fromRate / divisor
    const cutoff = Math.min(1, toRate / fromRate)
    this.#taps = 2 * Math.ceil(sideLobes / cutoff)
    this.#table = polyphaseTable(this.#phases, this.#taps, cutoff)
    this.#inputStart = -this.#taps / 2
    this.#inputFrames = this.#taps / 2
    this.#input = Array.from({ length: channels }, () => new Float32Array(this.#inputFrames))
  }

  /** What can be given out once `block` is known; undefined while that is nothing. */
  convert(block: AudioBuffer): AudioBuffer | undefined {
    this.#received += block.length
    this.#append(block.length, (channel, into) => into.set(block.getChannelData(channel)))
    return this.#give(this.#countReady())
  }

  /** The rest, as if silence followed; afterwards begins anew. */
  finish(): AudioBuffer | undefined {
    this.#append(this.#taps / 2, () => undefined)
    const total = Math.ceil((this.#received * this.#phases) / this.#step)
    const rest = this.#give(total - this.#given)
    this.reset()
    return rest
  }

  reset(): void {
    this.#inputStart = -this.#taps / 2
    this.#inputFrames = this.#taps / 2
    this.#input = Array.from({ length: this.#channels }, () => new Float32Array(this.#inputFrames))
    this.#received = 0
    this.#given = 0
  }

  /** Output frames whose whole window of input is there. */
  #countReady(): number {
    const lastCentre = this.#inputStart + this.#inputFrames - this.#taps / 2 - 1
    return lastCentre < 0 ? 0 : Math.floor(((lastCentre + 1) * this.#phases - 1) / this.#step) + 1 - this.#given
  }

  #append(frames: number, write: (channel: number, into: Float32Array<ArrayBuffer>) => void): void {
    // Frames before the window of the next output frame are not needed again.
    const firstNeeded = Math.floor((this.#given * this.#step) / this.#phases) - this.#taps / 2 + 1
    const obsolete = Math.min(Math.max(firstNeeded - this.#inputStart, 0), this.#inputFrames)
    const kept = this.#inputFrames - obsolete
    this.#input = this.#input.map((old, channel) => {
      const grown = new Float32Array(kept + frames)
      grown.set(old.subarray(obsolete, this.#inputFrames))
      write(channel, grown.subarray(kept))
      return grown
    })
    this.#inputStart += obsolete
    this.#inputFrames = kept + frames
  }

  #give(frames: number): AudioBuffer | undefined {
    if (frames <= 0) return undefined
    const output = new AudioBuffer({ length: frames, sampleRate: this.#toRate, numberOfChannels: this.#channels })
    const taps = this.#taps
    const table = this.#table
    for (let channel = 0; channel < this.#channels; channel++) {
      const input = this.#input[channel]!
      const samples = output.getChannelData(channel)
      // Centre and phase of each frame, in whole numbers: no error adds up.
      let centre = Math.floor((this.#given * this.#step) / this.#phases)
      let phase = (this.#given * this.#step) % this.#phases
      for (let frame = 0; frame < frames; frame++) {
        const from = centre - taps / 2 + 1 - this.#inputStart
        const coefficients = phase * taps
        let sum = 0
        for (let tap = 0; tap < taps; tap++) sum += input[from + tap]! * table[coefficients + tap]!
        samples[frame] = sum
        phase += this.#step
        centre += Math.floor(phase / this.#phases)
        phase %= this.#phases
      }
    }
    this.#given += frames
    return output
  }
}

/** Coefficient `tap` of `phase` weighs the input frame `tap - taps / 2 + 1` away from the output frame's centre. */
function polyphaseTable(phases: number, taps: number, cutoff: number): Float32Array {
  const table = new Float32Array(phases * taps)
  for (let phase = 0; phase < phases; phase++) {
    let sum = 0
    const row = Float64Array.from({ length: taps }, (_, tap) => {
      const distance = tap - taps / 2 + 1 - phase / phases
      const weight = sinc(distance * cutoff) * kaiser(distance / (taps / 2), beta)
      sum += weight
      return weight
    })
    for (let tap = 0; tap < taps; tap++) table[phase * taps + tap] = row[tap]! / sum // silence and DC stay what they are
  }
  return table
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
