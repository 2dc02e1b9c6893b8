/** Plays periods from the frames they are meant for; between them, silence. Runs in the browser's audio thread. */

// Of AudioWorkletGlobalScope, which TypeScript's library leaves out.
declare const currentFrame: number
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void
declare class AudioWorkletProcessor {
  readonly port: MessagePort
}

interface Period {
  readonly frame: number
  readonly channels: readonly Float32Array[]
}

class PeriodPlayer extends AudioWorkletProcessor {
  /** In the order they are played. */
  #periods: Period[] = []

  constructor() {
    super()
    this.port.onmessage = ({ data }: MessageEvent<Period | 'clear'>) => {
      if (data === 'clear') this.#periods = []
      else this.#periods.push(data)
    }
  }

  /** @returns true: it is not over when nothing sounds */
  process(_inputs: unknown, [output]: readonly (readonly Float32Array[])[]): boolean {
    const frames = output![0]!.length
    for (const { frame, channels } of this.#periods) {
      const start = frame - currentFrame
      if (start >= frames) break
      for (const [index, samples] of channels.entries()) {
        const from = Math.max(0, -start)
        output![index]!.set(samples.subarray(from, Math.max(from, frames - start)), Math.max(0, start))
      }
    }
    const end = currentFrame + frames
    while (this.#periods[0] !== undefined && this.#periods[0].frame + this.#periods[0].channels[0]!.length <= end) {
      this.#periods.shift()
    }
    return true
  }
}

registerProcessor('period-player', PeriodPlayer)
