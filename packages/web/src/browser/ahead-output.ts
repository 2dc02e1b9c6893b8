/**
 * Sound in a browser: periods are rendered in the page a little ahead and queued back to back, in the browser's audio
 * thread or through its buffer sources.
 *
 * When a period will be heard is what the browser says (Web Audio API, `getOutputTimestamp`): the context time that is
 * leaving the device at a moment of the page's clock. It jitters by a millisecond, mostly early; the player filters it.
 */
import type { AudioOutput, RenderPeriod } from '@tutti/client'
import { type LocalUs, shift } from '@tutti/clock'
import type { BrowserClock } from './browser-clock.js'
import { BufferSourceQueue } from './buffer-source-queue.js'
import type { PeriodQueue } from './period-queue.js'
import { WorkletQueue } from './worklet-queue.js'

const periodFrames = 960 // 20 ms at 48 kHz
/** Queued ahead, so that a page busy for so long is not heard; a hidden one may be called rarely. */
const aheadS = { visible: 0.2, hidden: 1.2 } as const
/** Room for the first period after a start or an underrun to be made in. */
const startS = 0.1
/** A fade at the end, so that stopping is no click. */
const fadeS = 0.03

export class AheadOutput implements AudioOutput {
  readonly channels = 2
  readonly maxPeriodFrames = periodFrames
  readonly sampleRate: number
  readonly #context: AudioContext
  readonly #clock: BrowserClock
  readonly #gain: GainNode
  readonly #queue: PeriodQueue
  readonly #channels = [new Float32Array(periodFrames), new Float32Array(periodFrames)]
  #render: RenderPeriod | undefined
  /** Of the context, where the next period begins; undefined when it begins anew. */
  #nextFrame: number | undefined
  #underruns = 0

  static async open(context: AudioContext, clock: BrowserClock): Promise<AheadOutput> {
    const gain = context.createGain()
    gain.connect(context.destination)
    return new AheadOutput(context, clock, gain, await openQueue(context, gain))
  }

  private constructor(context: AudioContext, clock: BrowserClock, gain: GainNode, queue: PeriodQueue) {
    this.#context = context
    this.#clock = clock
    this.#gain = gain
    this.#queue = queue
    this.sampleRate = context.sampleRate
  }

  get underruns(): number {
    return this.#underruns
  }

  start(render: RenderPeriod): void {
    this.#render = render
  }

  /** Queues what is due to be queued; to be called often. */
  tick(): void {
    const render = this.#render
    const context = this.#context
    const leaving = this.#leaving()
    if (render === undefined || leaving === undefined) {
      // What is queued was for now; a context that has stopped would play it when it goes on.
      if (this.#nextFrame !== undefined) this.#queue.clear()
      this.#nextFrame = undefined
      return
    }
    const rate = this.sampleRate
    let restarted = this.#nextFrame === undefined
    if (this.#nextFrame !== undefined && this.#nextFrame / rate < context.currentTime) {
      this.#underruns++
      restarted = true
    }
    let next = restarted ? Math.ceil((context.currentTime + startS) * rate) : this.#nextFrame!
    const until = (context.currentTime + aheadS[document.visibilityState]) * rate
    while (next < until) {
      const queuedFrames = next - leaving.frame
      const heardAt = shift(leaving.at, (queuedFrames / rate) * 1e6)
      render({ frames: periodFrames, heardAt, queuedFrames, restarted }, this.#channels)
      this.#queue.put(next, this.#channels)
      restarted = false
      next += periodFrames
    }
    this.#nextFrame = next
  }

  async stop(): Promise<void> {
    if (this.#render === undefined) return
    this.#render = undefined
    const now = this.#context.currentTime
    this.#gain.gain.setValueAtTime(1, now)
    this.#gain.gain.linearRampToValueAtTime(0, now + fadeS)
    await new Promise((resolve) => setTimeout(resolve, fadeS * 1000 + 50))
    this.#queue.clear()
    await this.#context.close()
  }

  /** Which frame of the context leaves the device, and when by the page's clock; undefined while none does. */
  #leaving(): { readonly frame: number; readonly at: LocalUs } | undefined {
    if (this.#context.state !== 'running') return undefined
    const { contextTime = 0, performanceTime = 0 } = this.#context.getOutputTimestamp()
    return contextTime > 0 ? { frame: contextTime * this.sampleRate, at: this.#clock.at(performanceTime) } : undefined
  }
}

/** Browsers give audio threads to secure contexts only (Web Audio API, `AudioWorklet`): https and localhost. */
async function openQueue(context: AudioContext, target: AudioNode): Promise<PeriodQueue> {
  // Without one the page feeds the device itself: as exact, but a page that is held up for long is heard.
  const inThread = context.audioWorklet && WorkletQueue.open(context, target)
  return (await inThread?.catch(() => undefined)) ?? new BufferSourceQueue(context, target)
}
