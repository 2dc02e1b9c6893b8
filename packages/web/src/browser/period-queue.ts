/** Where periods wait until the browser plays them: each from a whole sample of the context's on, bit for bit. */
export interface PeriodQueue {
  /** Takes a copy of two channels, to be heard from frame `frame` of the context on. */
  put(frame: number, channels: readonly Float32Array<ArrayBuffer>[]): void
  /** Forgets what has not been played. */
  clear(): void
}
