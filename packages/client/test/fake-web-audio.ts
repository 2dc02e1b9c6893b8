/** Behaves like `node-web-audio-api`: a position that goes in steps, at the pace of the machine's clock. */
const stepS = 1024 / 48_000

export class AudioContext {
  readonly sampleRate: number
  readonly outputLatency = 0.02
  readonly destination = {}
  readonly #openedMs = performance.now()

  constructor(options: { readonly sampleRate: number }) {
    this.sampleRate = options.sampleRate
  }

  get currentTime(): number {
    return Math.floor((performance.now() - this.#openedMs) / 1000 / stepS) * stepS
  }

  createBuffer() {
    return { copyToChannel: () => {} }
  }

  createBufferSource() {
    return { buffer: null, connect: () => {}, start: () => {} }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
