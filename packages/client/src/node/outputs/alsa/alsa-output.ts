/**
 * Plays through ALSA. Made to run in a thread of its own, because it waits in the driver: between periods it returns
 * to the event loop just long enough to hear a `stop`.
 *
 * The driver is asked before every period how many frames are still queued, and the clock is read on both sides of
 * that question; the pair is what `DeviceClock` lives on. After an underrun, a suspend or an unplugged cable the
 * buffer is filled with silence and started afresh in one step, and the next period says `restarted`.
 */
import { type Clock, type LocalUs, shift } from '@tutti/clock'
import type { AudioOutput, RenderPeriod } from '../../../audio-output.js'
import { type AlsaDevice, type AlsaRequest, openAlsaDevice } from './alsa-device.js'
import { type AlsaLibrary, alsa, loadAlsa } from './alsa-library.js'

/** A reading of the queue is taken again when the clock ran on for longer than this meanwhile, µs. */
const slowReadingUs = 60
const readingTries = 3
/** How often a device that went away is looked for. */
const replugMs = 1000

export class AlsaOutput implements AudioOutput {
  readonly #library: AlsaLibrary
  readonly #request: AlsaRequest
  readonly #clock: Clock<LocalUs>
  #device: AlsaDevice | undefined
  #channels: Float32Array[]
  #bytes: Uint8Array
  #stopped = false
  #running = false
  #restarted = true
  #underruns = 0
  readonly sampleRate: number
  readonly channels: number
  readonly maxPeriodFrames: number

  /** Opens the device. Throws one line fit for the user when that fails. */
  constructor(request: AlsaRequest, clock: Clock<LocalUs>) {
    this.#library = loadAlsa()
    this.#request = request
    this.#clock = clock
    const device = openAlsaDevice(this.#library, request)
    this.#device = device
    this.sampleRate = device.sampleRate
    this.channels = device.channels
    this.maxPeriodFrames = device.periodFrames
    this.#channels = Array.from({ length: device.channels }, () => new Float32Array(device.periodFrames))
    this.#bytes = new Uint8Array(device.periodFrames * device.channels * device.format.bytesPerSample)
  }

  get underruns(): number {
    return this.#underruns
  }

  start(render: RenderPeriod, onFailure: (error: Error) => void): void {
    const turn = (): void => {
      if (this.#stopped) return
      try {
        const pauseMs = this.#device ? this.#period(this.#device, render) : this.#reopen()
        if (pauseMs > 0) setTimeout(turn, pauseMs)
        else setImmediate(turn)
      } catch (error) {
        this.#close()
        onFailure(error instanceof Error ? error : new Error(String(error)))
      }
    }
    turn()
  }

  stop(): Promise<void> {
    this.#stopped = true
    this.#close()
    return Promise.resolve()
  }

  /** Plays one period; returns how long to stay away, ms. */
  #period(device: AlsaDevice, render: RenderPeriod): number {
    const { pcm, periodFrames, format } = device
    if (!this.#running && !this.#fillAndStart(device)) return this.#recover(device, alsa.error.badState)
    const ready = this.#library.wait(pcm, 1000)
    if (ready < 0) return this.#recover(device, ready)
    const free = this.#library.avail(pcm)
    if (free < 0) return this.#recover(device, free)
    if (free < periodFrames) return 0
    const heardAt = this.#readHeardAt(device)
    if (heardAt === undefined) return this.#recover(device, alsa.error.brokenPipe)
    render({ frames: periodFrames, heardAt, restarted: this.#restarted }, this.#channels)
    this.#restarted = false
    format.interleave(this.#channels, periodFrames, this.#bytes)
    const written = this.#library.write(pcm, this.#bytes, periodFrames)
    return written < 0 ? this.#recover(device, written) : 0
  }

  /** When the next frame to be written will be heard; undefined when the driver does not know. */
  #readHeardAt(device: AlsaDevice): LocalUs | undefined {
    const queued: [number] = [0]
    for (let attempt = 1; ; attempt++) {
      const before = this.#clock.now()
      if (this.#library.delay(device.pcm, queued) < 0) return undefined
      const took = this.#clock.now() - before
      if (took <= slowReadingUs || attempt === readingTries) {
        return shift(before, took / 2 + (queued[0] * 1e6) / device.sampleRate)
      }
    }
  }

  #fillAndStart(device: AlsaDevice): boolean {
    const { pcm, bufferFrames, periodFrames } = device
    this.#library.prepare(pcm)
    this.#bytes.fill(0)
    for (let filled = 0; filled + periodFrames <= bufferFrames; filled += periodFrames) {
      if (this.#library.write(pcm, this.#bytes, periodFrames) < 0) return false
    }
    this.#running = this.#library.start(pcm) >= 0 || this.#library.state(pcm) === alsa.state.running
    this.#restarted = true
    return this.#running
  }

  /** Whatever happened, the answer is a fresh start; only how long it takes to be possible differs. */
  #recover(device: AlsaDevice, code: number): number {
    this.#running = false
    this.#restarted = true
    if (this.#library.state(device.pcm) === alsa.state.disconnected || code === alsa.error.noDevice) {
      this.#close()
      return replugMs
    }
    this.#underruns++
    this.#library.drop(device.pcm)
    return this.#fillAndStart(device) ? 0 : 50
  }

  #reopen(): number {
    try {
      const device = openAlsaDevice(this.#library, this.#request)
      if (device.sampleRate !== this.sampleRate || device.channels !== this.channels) {
        this.#library.close(device.pcm)
        throw new Error(`sound card "${this.#request.device}" came back with another rate; start the player again`)
      }
      this.#device = device
      this.#bytes = new Uint8Array(device.periodFrames * device.channels * device.format.bytesPerSample)
      this.#channels = Array.from({ length: device.channels }, () => new Float32Array(device.periodFrames))
      return 0
    } catch {
      return replugMs
    }
  }

  #close(): void {
    this.#running = false
    if (this.#device) {
      this.#library.drop(this.#device.pcm)
      this.#library.close(this.#device.pcm)
    }
    this.#device = undefined
  }
}
