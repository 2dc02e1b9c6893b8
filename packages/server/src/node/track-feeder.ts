/** Reads tracks for the coordinator: as much as it wants, at the programme's rate, in small blocks. */
import { setImmediate } from 'node:timers/promises'
import type AudioBuffer from 'audio-buffer'
import { sliceBlock } from '../audio-blocks.js'
import type { AudioSource, OpenSource, TrackTags } from '../audio-source.js'
import { mapChannels } from '../channel-map.js'
import type { FeedId, Input } from '../input.js'
import { SampleRateConverter } from '../sample-rate-converter.js'

export interface FeederOptions {
  readonly openSource: OpenSource
  /** Of the programme. */
  readonly sampleRate: number
  readonly channels: number
  /** A track that takes longer to open has failed. */
  readonly openTimeoutMs: number
  readonly tell: (input: Extract<Input<AudioBuffer, Uint8Array>, { feed: FeedId }>) => void
}

/** 50 ms at 48 kHz: encoding one of these for three formats takes about a millisecond. */
const mostFrames = 2400

interface Feed {
  wantedFrames: number
  isClosed: boolean
  /** Ends the wait for more to be wanted, or for the feed to be closed. */
  resume: (() => void) | undefined
  source: AudioSource | undefined
}

export class TrackFeeder {
  readonly #options: FeederOptions
  readonly #feeds = new Map<FeedId, Feed>()
  /** Everything that still runs, closed feeds too. */
  readonly #running = new Set<Promise<void>>()

  constructor(options: FeederOptions) {
    this.#options = options
  }

  open(id: FeedId, location: string, fromMs: number): void {
    const feed: Feed = { wantedFrames: 0, isClosed: false, resume: undefined, source: undefined }
    this.#feeds.set(id, feed)
    const running = this.#run(id, feed, location, fromMs).finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  want(id: FeedId, frames: number): void {
    const feed = this.#feeds.get(id)
    if (feed === undefined) return
    feed.wantedFrames += frames
    feed.resume?.()
  }

  close(id: FeedId): void {
    const feed = this.#feeds.get(id)
    if (feed === undefined) return
    this.#feeds.delete(id)
    feed.isClosed = true
    feed.resume?.()
    void feed.source?.close()
  }

  /** Closes all feeds; resolves when nothing is open any more. */
  async stop(): Promise<void> {
    for (const id of [...this.#feeds.keys()]) this.close(id)
    await Promise.all(this.#running)
  }

  async #run(id: FeedId, feed: Feed, location: string, fromMs: number): Promise<void> {
    const source = await this.#open(location, fromMs).catch((error: Error) => this.#fail(id, feed, error))
    if (source === undefined) return
    feed.source = source
    if (!feed.isClosed) await this.#feed(id, feed, source)
    await source.close()
  }

  #fail(id: FeedId, feed: Feed, { message: reason }: Error): undefined {
    if (feed.isClosed) return
    this.close(id)
    this.#options.tell({ type: 'trackFailed', feed: id, reason })
  }

  async #open(location: string, fromMs: number): Promise<AudioSource> {
    const { openSource, openTimeoutMs } = this.#options
    const opening = openSource(location, fromMs)
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, openTimeoutMs, 'late')
    })
    const first = await Promise.race([opening, timeout]).finally(() => clearTimeout(timer))
    if (first !== 'late') return first
    opening.then((source) => source.close()).catch(() => undefined) // whatever comes of it, nobody waits for it
    throw new Error(`${location}: nothing came within ${openTimeoutMs / 1000} s; check the address and the network`)
  }

  async #feed(id: FeedId, feed: Feed, source: AudioSource): Promise<void> {
    const { sampleRate, channels } = this.#options
    let told = this.#describe(id, source)
    const needsConverting = source.sampleRate !== sampleRate
    const converter = needsConverting ? new SampleRateConverter(source.sampleRate, sampleRate, channels) : undefined
    for (;;) {
      await this.#untilWanted(feed)
      if (feed.isClosed) return
      const block = await source.read().catch((error: Error) => this.#fail(id, feed, error))
      if (feed.isClosed) return
      if (block === undefined) break
      if (source.tags !== told) told = this.#describe(id, source)
      const mapped = mapChannels(block, channels)
      await this.#deliver(id, feed, converter === undefined ? mapped : converter.convert(mapped))
    }
    if (converter !== undefined) await this.#deliver(id, feed, converter.finish())
    if (!feed.isClosed) this.#options.tell({ type: 'trackEnded', feed: id })
  }

  /** Tells what is known of the track, and returns what that was. */
  #describe(id: FeedId, { tags: all, durationMs }: AudioSource): TrackTags {
    const { artwork: _, ...tags } = all
    this.#options.tell({ type: 'trackOpened', feed: id, tags, durationMs })
    return all
  }

  async #deliver(id: FeedId, feed: Feed, audio: AudioBuffer | undefined): Promise<void> {
    if (audio === undefined) return
    const isHeld = feed.source?.isHeld
    for (let from = 0; from < audio.length && !feed.isClosed; from += mostFrames) {
      const to = Math.min(from + mostFrames, audio.length)
      feed.wantedFrames -= to - from
      const block = from === 0 && to === audio.length ? audio : sliceBlock(audio, from, to)
      this.#options.tell({ type: 'blockReady', feed: id, block, ...(isHeld && { isHeld }) })
      await setImmediate() // clock replies go first
    }
  }

  async #untilWanted(feed: Feed): Promise<void> {
    while (feed.wantedFrames <= 0 && !feed.isClosed) {
      await new Promise<void>((resolve) => {
        feed.resume = resolve
      })
      feed.resume = undefined
    }
  }
}
