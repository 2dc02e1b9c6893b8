/**
 * Hears what a page plays: everything connected to its destination also goes through a tap, which says what left at
 * which frame of the page's audio clock. And relates that clock to this machine's.
 */

import { hrtimeUs } from '@tutti/client/node'
import type { Page } from 'playwright-core'

/** A few consecutive samples, from `frame` of the audio context on. */
export interface Heard {
  readonly frame: number
  readonly samples: readonly number[]
}

export interface Capture {
  readonly sampleRate: number
  readonly heard: readonly Heard[]
  /** Pairs of context time, s, and the page's clock, ms, at which it left the device. */
  readonly left: readonly (readonly [contextTime: number, pageMs: number])[]
  /** Steps between neighbouring samples that no continuous ramp has, as the frame and the step in frames. */
  readonly breaks: readonly (readonly [frame: number, step: number])[]
}

const tapSource = `
registerProcessor('tap', class extends AudioWorkletProcessor {
  constructor() { super(); this.last = 0; this.steps = new Float64Array(64); this.count = 0; this.breaks = []; this.block = 0 }
  process([input]) {
    const samples = input[0]
    if (!samples) { this.count = 0; return true }
    for (let i = 0; i < samples.length; i++) {
      this.steps[this.count++ % 64] = (samples[i] - this.last) * 32768
      this.last = samples[i]
      if (this.count < 64) continue
      // Judged when its surroundings are known: where the ramp falls back, the filter of the resampler rings.
      const step = this.steps[(this.count + 32) % 64]
      if (Math.abs(step - 1) < 0.25) continue
      if (this.steps.some((other) => Math.abs(other) > 4000)) continue
      if (this.steps.every((other) => other === 0)) continue
      if (this.breaks.length < 1000) this.breaks.push([currentFrame + i - 31, step])
    }
    if (this.block++ % 4 === 0) {
      this.port.postMessage({ frame: currentFrame, samples: Array.from(samples.subarray(0, 4)), breaks: this.breaks })
    }
    return true
  }
})`

/** To be called before the page is opened; its context must have `bypassCSP`. */
export async function installTap(page: Page): Promise<void> {
  await page.addInitScript((source) => {
    const heard: object[] = []
    const state = { heard, left: [] as [number, number][], breaks: [] as unknown[], sampleRate: 0 }
    Object.assign(globalThis, { tap: state })
    const connect = AudioNode.prototype.connect as (this: AudioNode, ...rest: unknown[]) => unknown
    const taps = new WeakMap<BaseAudioContext, Promise<AudioNode>>()
    AudioNode.prototype.connect = function (this: AudioNode, ...rest: unknown[]) {
      const [target] = rest
      if (target instanceof AudioDestinationNode && !(this instanceof AudioWorkletNode)) {
        const { context } = this
        if (!taps.has(context)) {
          const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
          taps.set(
            context,
            context.audioWorklet.addModule(url).then(() => {
              const node = new AudioWorkletNode(context, 'tap', { numberOfOutputs: 1 })
              node.port.onmessage = ({ data }) => {
                heard.push({ frame: data.frame, samples: data.samples })
                state.breaks = data.breaks
                const { contextTime = 0, performanceTime = 0 } = (context as AudioContext).getOutputTimestamp()
                state.left.push([contextTime, performanceTime])
              }
              state.sampleRate = context.sampleRate
              connect.call(node, context.destination)
              return node
            }),
          )
        }
        void taps.get(context)!.then((node) => connect.call(this, node))
      }
      return connect.apply(this, rest)
    } as typeof AudioNode.prototype.connect
  }, tapSource)
}

/** Everything heard since the last call. */
export function takeCapture(page: Page): Promise<Capture> {
  return page.evaluate(() => {
    const { tap } = globalThis as unknown as {
      tap: { heard: Heard[]; left: [number, number][]; breaks: [number, number][]; sampleRate: number }
    }
    const capture = { ...tap, heard: [...tap.heard] }
    tap.heard.length = 0
    tap.left = []
    return capture
  })
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
