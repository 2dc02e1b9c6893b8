/**
 * Hears what a page plays: everything connected to its destination also goes through a tap, which says what left at
 * which frame of the page's audio clock. And relates that clock to this machine's.
 *
 * The tap sits in the browser's audio thread, which is for secure pages only; of others the last 0.7 s can be had, but
 * not when they were heard.
 */
import { hrtimeUs } from '@tutti/client/node'
import type { Page } from 'playwright-core'

/** A sample that left at `frame` of the audio context. */
export interface Heard {
  readonly frame: number
  readonly value: number
}

export interface Capture {
  readonly sampleRate: number
  readonly heard: readonly Heard[]
  /** Pairs of context time, s, and the page's clock, ms, at which it left the device. */
  readonly left: readonly (readonly [contextTime: number, pageMs: number])[]
  /** Steps between neighbouring samples that no continuous ramp has, as the frame and the step in frames. */
  readonly breaks: readonly (readonly [frame: number, step: number])[]
}

/** What the page keeps. */
interface Tap {
  heard: Heard[]
  left: [contextTime: number, pageMs: number][]
  breaks: [frame: number, step: number][]
  context: AudioContext | undefined
  analyser: AnalyserNode | undefined
  /** What the page runs in the browser's audio thread. */
  threads: string[]
  /** Pretends that the device sounds so much later. */
  addedLatencyS: number
}

interface Ear {
  hear(samples: Float32Array, frame: number): void
  tell(): Pick<Capture, 'heard' | 'breaks'>
}

/** Judges neighbouring samples, 64 at a time, and samples one of 512. For the page and its audio thread. */
const ear = `
class Ear {
  constructor() { this.last = 0; this.steps = new Float64Array(64); this.count = 0; this.expected = -1; this.heard = []; this.breaks = [] }
  hear(samples, frame) {
    if (frame !== this.expected) this.count = 0
    this.expected = frame + samples.length
    for (let i = 0; i < samples.length; i++) {
      if ((frame + i) % 512 === 0) this.heard.push({ frame: frame + i, value: samples[i] })
      this.steps[this.count++ % 64] = (samples[i] - this.last) * 32768
      this.last = samples[i]
      if (this.count < 65) continue
      // Judged when its surroundings are known: where the ramp falls back, the filter of the resampler rings.
      const step = this.steps[(this.count + 32) % 64]
      if (Math.abs(step - 1) < 0.25) continue
      if (this.steps.some((other) => Math.abs(other) > 4000)) continue
      if (this.steps.every((other) => other === 0)) continue
      if (this.breaks.length < 1000) this.breaks.push([frame + i - 31, step])
    }
  }
  tell() {
    const told = { heard: this.heard, breaks: this.breaks }
    this.heard = []
    this.breaks = []
    return told
  }
}`

const tapInThread = `${ear}
registerProcessor('tap', class extends AudioWorkletProcessor {
  ear = new Ear()
  blocks = 0
  process([input]) {
    if (input[0]) this.ear.hear(input[0], currentFrame)
    if (++this.blocks % 16 === 0) this.port.postMessage(this.ear.tell())
    return true
  }
})`

/** To be called before the page is opened; its context must have `bypassCSP`. */
export async function installTap(page: Page): Promise<void> {
  await page.addInitScript(`${ear}\nglobalThis.Ear = Ear`)
  await page.addInitScript((threadSource) => {
    const tap: Tap = {
      heard: [],
      left: [],
      breaks: [],
      context: undefined,
      analyser: undefined,
      threads: [],
      addedLatencyS: 0,
    }
    Object.assign(globalThis, { tap })
    const ThreadNode = globalThis.AudioWorkletNode
    if (ThreadNode !== undefined) {
      globalThis.AudioWorkletNode = class extends ThreadNode {
        constructor(context: BaseAudioContext, name: string, options?: AudioWorkletNodeOptions) {
          super(context, name, options)
          tap.threads.push(name)
        }
      }
    }
    const { getOutputTimestamp } = AudioContext.prototype
    AudioContext.prototype.getOutputTimestamp = function () {
      const { contextTime = 0, performanceTime = 0 } = getOutputTimestamp.call(this)
      return { contextTime: contextTime - tap.addedLatencyS, performanceTime }
    }
    const connect = AudioNode.prototype.connect as (this: AudioNode, ...rest: unknown[]) => unknown
    const note = (context: AudioContext, told: Pick<Tap, 'heard' | 'breaks'>): void => {
      tap.heard.push(...told.heard)
      tap.breaks.push(...told.breaks)
      const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp()
      tap.left.push([contextTime, performanceTime])
    }
    const openInThread = async (context: AudioContext): Promise<AudioNode> => {
      await context.audioWorklet.addModule(URL.createObjectURL(new Blob([threadSource], { type: 'text/javascript' })))
      const node = new ThreadNode(context, 'tap')
      node.port.onmessage = ({ data }) => note(context, data)
      connect.call(node, context.destination)
      return node
    }
    const openAnalyser = (context: AudioContext): AudioNode => {
      tap.analyser = context.createAnalyser()
      tap.analyser.fftSize = 32_768
      return tap.analyser
    }
    const taps = new WeakMap<BaseAudioContext, Promise<AudioNode>>()
    AudioNode.prototype.connect = function (this: AudioNode, ...rest: unknown[]) {
      const context = this.context as AudioContext
      if (rest[0] === context.destination) {
        tap.context = context
        if (!taps.has(context)) {
          taps.set(context, context.audioWorklet ? openInThread(context) : Promise.resolve(openAnalyser(context)))
        }
        void taps.get(context)!.then((node) => connect.call(this, node))
      }
      return connect.apply(this, rest)
    } as typeof AudioNode.prototype.connect
  }, tapInThread)
}

/** Everything heard since the last call. */
export function takeCapture(page: Page): Promise<Capture> {
  return page.evaluate(() => {
    const { tap } = globalThis as unknown as { tap: Tap }
    const { heard, left, breaks } = tap
    Object.assign(tap, { heard: [], left: [], breaks: [] })
    return { heard, left, breaks, sampleRate: tap.context?.sampleRate ?? 0 }
  })
}

/** Breaks in the last 0.7 s of a page without an audio thread; undefined while it is silent. */
export function recentBreaks(page: Page): Promise<Capture['breaks'] | undefined> {
  return page.evaluate(() => {
    const { tap, Ear } = globalThis as unknown as { tap: Tap; Ear: new () => Ear }
    if (tap.analyser === undefined) return undefined
    const samples = new Float32Array(tap.analyser.fftSize)
    tap.analyser.getFloatTimeDomainData(samples)
    const ear = new Ear()
    ear.hear(samples, 0)
    return samples[0] === 0 || samples[0] === samples[1] ? undefined : ear.tell().breaks
  })
}

/** Names of what the page runs in the browser's audio thread. */
export function audioThreads(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => (globalThis as unknown as { tap: Tap }).tap.threads)
}

/** Stops the sound as a browser may for reasons of its own. */
export function suspendSound(page: Page): Promise<void> {
  return page.evaluate(() => (globalThis as unknown as { tap: Tap }).tap.context!.suspend())
}

/** As if a device had been plugged in that sounds so much later than the one before. */
export function changeDevice(page: Page, laterMs: number): Promise<void> {
  return page.evaluate((seconds) => {
    ;(globalThis as unknown as { tap: Tap }).tap.addedLatencyS = seconds
    navigator.mediaDevices?.dispatchEvent(new Event('devicechange'))
  }, laterMs / 1000)
}

/** What must be added to the page's clock, in µs, for this machine's; from the quickest of many questions. */
export async function measurePageClock(page: Page): Promise<{ readonly offsetUs: number; readonly errorUs: number }> {
  let best = { offsetUs: 0, errorUs: Number.POSITIVE_INFINITY }
  for (let n = 0; n < 200; n++) {
    const asked = hrtimeUs()
    const pageMs = await page.evaluate(() => performance.now())
    const answered = hrtimeUs()
    const errorUs = (answered - asked) / 2
    if (errorUs < best.errorUs) best = { offsetUs: (asked + answered) / 2 - pageMs * 1000, errorUs }
  }
  return best
}
