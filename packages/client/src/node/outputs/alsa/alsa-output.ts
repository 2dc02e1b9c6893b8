/**
 * Plays through ALSA. Made to run in a thread of its own, because it waits in the driver: ten times a second it returns
 * to the event loop, just long enough to hear a `stop`.
 *
 * After an underrun or a suspend the buffer is filled with silence and started afresh in one step, and the next period
 * says `restarted`. What does not start again within a few seconds, or has been unplugged, is a failure: whoever started
 * the output opens it anew, at whatever rate it then has.
 */
import { type Clock, type LocalUs, shift } from '@tutti/clock'
import type { AudioOutput, LacksMedia, Period, RenderPeriod } from '../../../audio-output.js'
import { type AlsaDevice, type AlsaRequest, openAlsaDevice, wakeAtRoomFor } from './alsa-device.js'
import { AlsaFill } from './alsa-fill.js'
import { type AlsaLibrary, alsa, loadAlsa } from './alsa-library.js'
import { AlsaPatience } from './alsa-patience.js'
import { AlsaPosition } from './alsa-position.js'
import type { Interleave } from './sample-format.js'
import { raiseThreadPriority } from './thread-priority.js'

const putOffMs = 1
/** Silence to start with for the first time, in multiples of what is to be held. */
const firstFill = 2
/** An underrun so soon after another one shows that this was too little. */
const soonUs = 2_000_000
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
  readonly #position: AlsaPosition
  readonly #patience: AlsaPatience
  readonly #fill: AlsaFill
  #lacks: LacksMedia = () => false
  /** The driver wakes us when there is room for so much. */
  #wakeFrames: number
  #isOpen = true
  #isRunning = false
  #underruns = 0
  #underranAt: LocalUs | undefined
  /** Whether the last underrun came soon after the one before. */
  #isStraining = false
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
    this.#position = new AlsaPosition(library, device, clock)
    this.#patience = new AlsaPatience(library, device, clock.now())
    this.#bytes = new Uint8Array(buffer)
    this.#interleave = format.interleaveInto(buffer)
    this.#longChannels = Array.from({ length: channels }, () => new Float32Array(longestChunkFrames))
    this.#channels = this.#longChannels.map((samples) => samples.subarray(0, chunkFrames))
    this.#period = {
      frames: chunkFrames,
      heardAt: 0 as LocalUs,
      queuedFrames: 0,
      restarted: true,
      isNeverEarly: false,
      slackUs: 0,
    }
  }

  /** As it was opened: format, buffer and the like. */
  get device(): AlsaDevice {
    return this.#device
  }

  /** Whether it has a crystal; false for one that takes everything at once. Known once it has started. */
  get hasClock(): boolean {
    return this.#position.hasClock
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
    this.#patience.renew(this.#clock.now())
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
    if (this.#fill.ask(queueMs)) this.#position.restart()
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
    if (this.#fill.came(this.#clock.now())) this.#position.restart()
  }

  /** Whether it counts in bursts that do not fit its periods, at whose ends it wakes us: of some readings one is just after a burst. */
  get #isOutOfBursts(): boolean {
    const { burstFrames } = this.#position
    const { chunkFrames } = this.#device
    return this.#fill.isFull && chunkFrames % burstFrames !== 0 && burstFrames % chunkFrames !== 0
  }

  /** Frames to write next; tells the driver when that is to wake us. */
  #nextChunkFrames(): number {
    if (!this.#fill.isFull) return this.#fill.chunkFrames
    const { chunkFrames, longestChunkFrames, sampleRate } = this.#device
    const isSettled = this.#position.writtenFrames >= settledS * sampleRate && !this.#isOutOfBursts
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
    const position = this.#position
    const waited = isFull && position.hasClock ? this.#library.wait(pcm, longestWaitMs) : 1
    if (waited < 0) return this.#interrupted(waited)
    const code = position.look(isFull)
    if (code < 0) return this.#interrupted(code)
    // Some devices run on when they are empty, as PipeWire does, and say so by this alone.
    if (position.freeFrames >= bufferFrames) return this.#interrupted(alsa.error.brokenPipe)
    const missing = this.#fill.frames - position.heldFrames
    if (missing < chunkFrames) {
      this.#patience.waited(alsa.error.tryAgain, this.#clock.now())
      const waitUs = ((chunkFrames - missing) * 1e6) / sampleRate
      this.#fill.expectRoom(isFull ? undefined : shift(this.#clock.now(), waitUs))
      // Some wake us early; do not ask again in circles.
      const pauseMs = Math.max(1, Math.ceil(waitUs / 1000))
      // How long ago a large burst was is seen by those only who look often.
      const isCoarse = (position.burstFrames * 1000) / sampleRate > coarseMs
      return waited > 0 ? (isCoarse ? 1 : pauseMs) : 0
    }
    if (this.#fill.canWait(position.heldFrames) && this.#lacks(chunkFrames)) {
      this.#fill.expectRoom(undefined)
      return putOffMs
    }
    const channels = chunkFrames > this.#device.chunkFrames ? this.#longChannels : this.#channels
    this.#tell(chunkFrames)
    render(this.#period, channels)
    this.#period.restarted = false
    this.#interleave(channels, chunkFrames)
    const written = this.#library.write(pcm, this.#bytes, chunkFrames)
    position.wrote(chunkFrames)
    if (written < chunkFrames) return this.#interrupted(written < 0 ? written : alsa.error.brokenPipe)
    const now = this.#clock.now()
    if (now > position.emptyAt) return this.#interrupted(alsa.error.brokenPipe)
    this.#noteVisit()
    this.#patience.renew(now)
    return 0
  }

  #tell(frames: number): void {
    const period = this.#period
    period.frames = frames
    period.heardAt = this.#position.heardAt
    period.queuedFrames = this.#position.queuedFrames
    period.isNeverEarly = this.#isOutOfBursts
    period.slackUs = this.#fill.slackUs
  }

  /** Whatever happened, the answer is a fresh start. */
  #interrupted(code: number): number {
    this.#noteVisit()
    this.#isRunning = false
    this.#underruns++
    const now = this.#clock.now()
    this.#isStraining = this.#underranAt !== undefined && now - this.#underranAt < soonUs
    this.#underranAt = now
    // It has played since it was last started; patience begins now, also for a machine that stood still for minutes.
    if (!this.#period.restarted) this.#patience.renew(now)
    this.#patience.failed(code, now)
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
    this.#patience.failed(code, this.#clock.now())
    return retryMs
  }

  /** Silence first, because nobody knows when the first frames of a device that stands still will be heard. */
  #fillAndStart(): number {
    const { pcm, bufferFrames, chunkFrames, sampleRate } = this.#device
    const position = this.#position
    const began = this.#clock.now()
    const prepared = this.#library.prepare(pcm)
    if (prepared < 0) return prepared
    this.#bytes.fill(0)
    position.prepared()
    // To the brim where a machine is so busy that it would come too late again and again; else silence is to be short.
    const fills = this.#underruns === 0 ? firstFill : 1
    const fillFrames = this.#isStraining ? bufferFrames : Math.min(bufferFrames, fills * this.#fill.frames)
    for (let left = fillFrames; left > 0; ) {
      const written = this.#library.write(pcm, this.#bytes, Math.min(left, chunkFrames))
      if (written < 0 && written !== alsa.error.tryAgain) return written
      if (written <= 0) break
      left -= written
      position.wrote(written)
    }
    const started = this.#library.start(pcm)
    if (started < 0 && this.#library.state(pcm) !== alsa.state.running) return started
    const now = this.#clock.now()
    const couldHavePlayed = now - began > (fillFrames * 1e6) / sampleRate / 2
    if (!couldHavePlayed && position.look(this.#fill.isFull) >= 0 && position.freeFrames >= bufferFrames)
      position.imagine(now)
    return 0
  }

  #close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#library.drop(this.#device.pcm)
    this.#library.close(this.#device.pcm)
  }
}
