/** The queue where the context is secure: in the browser's audio thread, which no work of the page holds up. */

import playerUrl from './period-player.worklet.ts?worker&url'
import type { PeriodQueue } from './period-queue.js'

export class WorkletQueue implements PeriodQueue {
  readonly #node: AudioWorkletNode

  /** Rejects where the browser gives no audio thread. */
  static async open(context: BaseAudioContext, target: AudioNode): Promise<WorkletQueue> {
    await context.audioWorklet.addModule(playerUrl)
    return new WorkletQueue(context, target)
  }

  private constructor(context: BaseAudioContext, target: AudioNode) {
    this.#node = new AudioWorkletNode(context, 'period-player', {
      numberOfInputs: 0,
      outputChannelCount: [2],
    })
    this.#node.connect(target)
  }

  put(frame: number, channels: readonly Float32Array<ArrayBuffer>[]): void {
    const copies = channels.map((channel) => channel.slice())
    const buffers = copies.map(({ buffer }) => buffer)
    this.#node.port.postMessage({ frame, channels: copies }, buffers)
  }

  clear(): void {
    this.#node.port.postMessage('clear')
  }
}
