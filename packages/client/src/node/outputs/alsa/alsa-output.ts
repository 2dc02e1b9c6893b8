/**
 * Plays through ALSA. Made to run in a thread of its own, because it waits in the driver: ten times a second it returns
 * to the event loop, just long enough to hear a `stop`.
 *
 * Before every chunk the driver is asked how many frames are still to be heard, and the clock is read on both sides of
 * that question; the pair is what `DeviceClock` lives on. After an underrun or a suspend the buffer is filled with
 * silence and started afresh in one step, and the next period says `restarted`. What does not start again within a few
 * seconds, or has been unplugged, is a failure: whoever started the output opens it anew, at whatever rate it then has.
 */
import { type Clock, type LocalUs, shift } from '@tutti/clock'
import type { AudioOutput, LacksMedia, Period, RenderPeriod } from '../../../audio-output.js'
import { type AlsaDevice, type AlsaRequest, openAlsaDevice, wakeAtRoomFor } from './alsa-device.js'
import { AlsaFill } from './alsa-fill.js'
import { type AlsaLibrary, alsa, loadAlsa } from './alsa-library.js'
import { ImaginaryQueue } from './imaginary-queue.js'
import { PositionAge } from './position-age.js'
import type { Interleave } from './sample-format.js'
import { raiseThreadPriority } from './thread-priority.js'

const putOffMs = 1
/** With more than this share of what it is to hold it can wait for what is late. */
const enoughShare = 1 / 2
/** Silence to start with for the first time, in multiples of what is to be held. */
const firstFill = 2
/** A reading is taken again when the clock ran on for longer than this meanwhile, µs; the quickest counts. */
const slowReadingUs = 30
const readingTries = 3
/** A device that counts in longer bursts than this is looked at every millisecond while it is not kept full. */
const coarseMs = 1.5
/** `stop` is heard at least so often, or one wait later. */
const longestWaitMs = 100
/**
 * A device that is kept full is left alone for longer once it has played for so long: by then enough is known of its
 * clock, and waking up is most of what playing costs. But not one that counts in bursts of which the longer chunk is no
 * multiple: it is woken by its periods, and might never be found just after a burst.
 */
const settledS = 2
/** How long a device may take nothing. Waking a Bluetooth speaker takes PipeWire a second or two. */
const patienceUs = 3_000_000
const retryMs = 20
/** After a start threads of the same priority come first, which may be starting again for want of it. */
const breathMs = 1

export class AlsaOutput implements AudioOutput {
  readonly #library: AlsaLibrary
  readonly #device: AlsaDevice
  readonly #clock: Clock<LocalUs>
  /** A chunk of each channel, and the beginnings of the same for the shorter ones. */
  readonly #longChannels: readonly Float32Array[]
  readonly #channels: readonly Float32Array[]
  readonly #bytes: Uint8Array
  readonly #interleave: Interleave
  readonly #period: { -readonly [Part in keyof Period]-?: Period[Part] }
  /** What was last read: room for so many frames, so many before the next one is heard. */
  readonly #free = new Int32Array(2)
  readonly #queued = new Int32Array(2)
  readonly #positionAge: PositionAge
  /** Frames written since the device was last started. */
  #written = 0
  /** When the buffer runs empty if nothing is written. */
  #emptyAt = 0 as LocalUs
  readonly #fill: AlsaFill
  #lacks: LacksMedia = () => false
  /** The driver wakes us when there is room for so much. */
  #wakeFrames: number
  /** Instead of the device's own, when it has none. */
  #imaginary: ImaginaryQueue | undefined
  #isOpen = true
  #isRunning = false
  #progressAt = 0 as LocalUs
  #underruns = 0
  /** Whether the thread was given real-time priority. */
  readonly isRealTime: boolean

  /** Opens the device. Throws one line fit for the user when that fails. */
  constructor(request: AlsaRequest, clock: Clock<LocalUs>, library: AlsaLibrary = loadAlsa()) {
    this.#library = library
    this.#clock = clock
    const device = openAlsaDevice(library, request)
    // After opening: the threads a plugin starts of its own are not to inherit it.
    this.isRealTime = raiseThreadPriority()
    const { channels, chunkFrames, longestChunkFrames, format } = device
    const buffer = new ArrayBuffer(longestChunkFrames * channels * format.bytesPerSample)
    this.#device = device
    this.#fill = new AlsaFill(device, this.isRealTime)
    this.#wakeFrames = chunkFrames
    this.#positionAge = new PositionAge(device.sampleRate)
    this.#bytes = new Uint8Array(buffer)
    this.#interleave = format.interleaveInto(buffer)
    this.#longChannels = Array.from({ length: channels }, () => new Float32Array(longestChunkFrames))
    this.#channels = this.#longChannels.map((samples) => samples.subarray(0, chunkFrames))
    this.#period = { frames: chunkFrames, heardAt: 0 as LocalUs, queuedFrames: 0, restarted: true, isNeverEarly: false }
  }

  /** As it was opened: format, buffer and the like. */
  get device(): AlsaDevice {
    return this.#device
  }

  /** Whether it has a crystal; false for one that takes everything at once. Known once it has started. */
  get hasClock(): boolean {
    return this.#imaginary === undefined
  }

  get sampleRate(): number {
    return this.#device.sampleRate
  }

  get channels(): number {
    return this.#device.channels
  }

  get maxPeriodFrames(): number {
    return this.#device.longestChunkFrames
  }

  get underruns(): number {
    return this.#underruns
  }

  start(render: RenderPeriod, onFailure: (error: Error) => void): void {
    this.#progressAt = this.#clock.now()
    const turn = (): void => {
      if (!this.#isOpen) return
      try {
        const until = shift(this.#clock.now(), longestWaitMs * 1000)
        let pauseMs: number
        do {
          pauseMs = this.#isRunning ? this.#play(render) : this.#restart()
        } while (pauseMs === 0 && this.#clock.now() < until)
        if (pauseMs > 0) setTimeout(turn, pauseMs)
        else setImmediate(turn)
      } catch (error) {
        this.#close()
        onFailure(error instanceof Error ? error : new Error(String(error)))
      }
    }
    turn()
  }

  /**
   * Keeps less in the buffer than fits, which the driver need not know: what is not written yet can still be changed, and
   * nobody hears when it becomes more or less.
   */
  hold(queueMs: number): void {
    if (this.#fill.ask(queueMs)) this.#positionAge.restart()
  }

  putOff(lacks: LacksMedia): void {
    this.#lacks = lacks
  }

  stop(): Promise<void> {
    this.#close()
    return Promise.resolve()
  }

  /** Positions are read at other moments when it is the driver that wakes us, or no longer. */
  #noteVisit(): void {
    if (this.#fill.came(this.#clock.now())) this.#positionAge.restart()
  }

  /** Whether it counts in bursts that do not fit its periods, at whose ends it wakes us: of some readings one is just after a burst. */
  get #isOutOfBursts(): boolean {
    const { burstFrames } = this.#positionAge
    const { chunkFrames } = this.#device
    return this.#fill.isFull && chunkFrames % burstFrames !== 0 && burstFrames % chunkFrames !== 0
  }

  /** Frames to write next; tells the driver when that is to wake us. */
  #nextChunkFrames(): number {
    if (!this.#fill.isFull) return this.#fill.chunkFrames
    const { chunkFrames, longestChunkFrames, sampleRate } = this.#device
    const isSettled = this.#written >= settledS * sampleRate && !this.#isOutOfBursts
    const wakeFrames = isSettled ? longestChunkFrames : chunkFrames
    if (wakeFrames !== this.#wakeFrames) wakeAtRoomFor(this.#library, this.#device, wakeFrames)
    this.#wakeFrames = wakeFrames
    return isSettled ? longestChunkFrames : this.#fill.chunkFrames
  }

  /** Plays a chunk if there is room; returns how long to stay away, ms. */
  #play(render: RenderPeriod): number {
    const { pcm, sampleRate, bufferFrames } = this.#device
    const chunkFrames = this.#nextChunkFrames()
    const isFull = this.#fill.isFull
    // The driver wakes us when there is room, which is not what a device waits for that holds less than it could.
    const waited = this.#imaginary || !isFull ? 1 : this.#library.wait(pcm, longestWaitMs)
    if (waited < 0) return this.#interrupted(waited)
    const code = this.#look()
    if (code < 0) return this.#interrupted(code)
    const free = this.#free[0]!
    // Some devices run on when they are empty, as PipeWire does, and say so by this alone.
    if (free >= bufferFrames) return this.#interrupted(alsa.error.brokenPipe)
    const missing = this.#fill.frames - (bufferFrames - free)
    if (missing < chunkFrames) {
      this.#expectProgress(alsa.error.tryAgain)
      const waitUs = ((chunkFrames - missing) * 1e6) / sampleRate
      this.#fill.expectRoom(isFull ? undefined : shift(this.#clock.now(), waitUs))
      // Some wake us early; do not ask again in circles.
      const pauseMs = Math.max(1, Math.ceil(waitUs / 1000))
      // How long ago a large burst was is seen by those only who look often.
      const isCoarse = (this.#positionAge.burstFrames * 1000) / sampleRate > coarseMs
      return waited > 0 ? (isCoarse ? 1 : pauseMs) : 0
    }
    if (missing < this.#fill.frames * (1 - enoughShare) && !isFull && this.#lacks(chunkFrames)) {
      this.#fill.expectRoom(undefined)
      return putOffMs
    }
    this.#period.frames = chunkFrames
    this.#period.isNeverEarly = this.#isOutOfBursts
    const channels = chunkFrames > this.#device.chunkFrames ? this.#longChannels : this.#channels
    render(this.#period, channels)
    this.#period.restarted = false
    this.#interleave(channels, chunkFrames)
    const written = this.#library.write(pcm, this.#bytes, chunkFrames)
    this.#written += chunkFrames
    this.#imaginary?.write(chunkFrames)
    if (written < chunkFrames) return this.#interrupted(written < 0 ? written : alsa.error.brokenPipe)
    const now = this.#clock.now()
    if (now > this.#emptyAt) return this.#interrupted(alsa.error.brokenPipe)
    this.#noteVisit()
    this.#progressAt = now
    return 0
  }

  /** Reads how much fits and when the next frame will be heard, at one moment; returns an error code or 0. */
  #look(): number {
    const now = this.#clock.now()
    if (this.#imaginary) {
      this.#free[0] = this.#imaginary.freeFrames(now)
      this.#period.heardAt = this.#imaginary.endsAt
      this.#period.queuedFrames = 0
      this.#emptyAt = this.#imaginary.endsAt
      return 0
    }
    const { pcm, sampleRate, bufferFrames } = this.#device
    let quickestUs = Number.POSITIVE_INFINITY
    let readAt = now
    let free = 0
    let queued = 0
    for (let tries = 0; tries < readingTries && quickestUs > slowReadingUs; tries++) {
      const before = this.#clock.now()
      const code = this.#library.availDelay(pcm, this.#free, this.#queued)
      const tookUs = this.#clock.now() - before
      if (code < 0) return code
      if (tookUs >= quickestUs) continue
      quickestUs = tookUs
      readAt = shift(before, tookUs / 2)
      free = this.#free[0]!
      queued = this.#queued[0]!
    }
    // Positions are counted in whole frames: of the one that is leaving, half has left on average.
    const likelyFrames = this.#positionAge.read(this.#written - queued, readAt)
    const ageFrames = this.#fill.isFull ? 0.5 : likelyFrames
    this.#period.queuedFrames = queued - ageFrames
    this.#period.heardAt = shift(readAt, (this.#period.queuedFrames * 1e6) / sampleRate)
    this.#emptyAt = shift(readAt, ((bufferFrames - free) * 1e6) / sampleRate)
    return 0
  }

  /** Whatever happened, the answer is a fresh start. */
  #interrupted(code: number): number {
    this.#noteVisit()
    this.#isRunning = false
    this.#underruns++
    // It has played since it was last started; patience begins now, also for a machine that stood still for minutes.
    if (!this.#period.restarted) this.#progressAt = this.#clock.now()
    this.#throwIfGone(code)
    this.#expectProgress(code)
    return this.#restart()
  }

  #restart(): number {
    const { pcm } = this.#device
    // Hardware that cannot resume says so, and is prepared afresh like any other.
    if (this.#library.state(pcm) === alsa.state.suspended) this.#library.resume(pcm)
    this.#library.drop(pcm)
    this.#period.restarted = true
    const code = this.#fillAndStart()
    if (code >= 0) {
      this.#isRunning = true
      return breathMs
    }
    this.#throwIfGone(code)
    this.#expectProgress(code)
    return retryMs
  }

  /** Silence to the brim, because nobody knows when the first frames of a device that stands still will be heard. */
  #fillAndStart(): number {
    const { pcm, bufferFrames, chunkFrames, sampleRate } = this.#device
    const began = this.#clock.now()
    const prepared = this.#library.prepare(pcm)
    if (prepared < 0) return prepared
    this.#bytes.fill(0)
    this.#written = 0
    this.#positionAge.restart()
    // After an underrun to the brim, also where less is to be held: with that little a machine that is busy would come too
    // late again and again. At first nothing is heard anyway, and what it holds is to be told soon.
    const fillFrames = this.#underruns === 0 ? Math.min(bufferFrames, firstFill * this.#fill.frames) : bufferFrames
    for (let left = fillFrames; left > 0; ) {
      const written = this.#library.write(pcm, this.#bytes, Math.min(left, chunkFrames))
      if (written < 0 && written !== alsa.error.tryAgain) return written
      if (written <= 0) break
      left -= written
      this.#written += written
    }
    const started = this.#library.start(pcm)
    if (started < 0 && this.#library.state(pcm) !== alsa.state.running) return started
    this.#imaginary = undefined
    const now = this.#clock.now()
    const couldHavePlayed = now - began > (fillFrames * 1e6) / sampleRate / 2
    if (!couldHavePlayed && this.#look() >= 0 && this.#free[0]! >= bufferFrames) {
      this.#imaginary = new ImaginaryQueue(sampleRate, bufferFrames, now)
    }
    return 0
  }

  #throwIfGone(code: number): void {
    const { name, pcm } = this.#device
    if (code === alsa.error.noDevice || this.#library.state(pcm) === alsa.state.disconnected) {
      throw new Error(`sound card "${name}" is gone: was it unplugged?`)
    }
  }

  #expectProgress(code: number): void {
    if (this.#clock.now() - this.#progressAt <= patienceUs) return
    const reason = this.#library.explain(code)
    throw new Error(`sound card "${this.#device.name}" has taken no sound for ${patienceUs / 1e6} s (${reason})`)
  }

  #close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#library.drop(this.#device.pcm)
    this.#library.close(this.#device.pcm)
  }
}
