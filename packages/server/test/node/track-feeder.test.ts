import { setTimeout } from 'node:timers/promises'
import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import type { AudioSource, OpenSource } from '../../src/audio-source.js'
import { type FeederOptions, TrackFeeder } from '../../src/node/track-feeder.js'

type Told = Parameters<FeederOptions['tell']>[0]

class ScriptedSource implements AudioSource {
  readonly durationMs = 1000
  readonly tags = { title: 'Song', artwork: { mimeType: 'image/png', bytes: new Uint8Array(9) } }
  readonly sampleRate: number
  readonly channels: number
  reads = 0
  closes = 0
  readonly #lengths: (number | Error)[]

  constructor(lengths: (number | Error)[], { sampleRate = 48_000, channels = 2 } = {}) {
    this.#lengths = [...lengths]
    this.sampleRate = sampleRate
    this.channels = channels
  }

  async read(): Promise<AudioBuffer | undefined> {
    this.reads++
    const length = this.#lengths.shift()
    if (length instanceof Error) throw length
    if (length === undefined) return undefined
    return new AudioBuffer({ length, sampleRate: this.sampleRate, numberOfChannels: this.channels })
  }

  async close(): Promise<void> {
    this.closes++
  }
}

function feed(
  openSource: OpenSource,
  openTimeoutMs = 1000,
): { feeder: TrackFeeder; told: Told[]; frames: () => number } {
  const told: Told[] = []
  const tell = (input: Told): void => void told.push(input)
  const feeder = new TrackFeeder({ openSource, sampleRate: 48_000, channels: 2, openTimeoutMs, tell })
  const frames = (): number =>
    told.reduce((sum, input) => (input.type === 'blockReady' ? sum + input.block.length : sum), 0)
  return { feeder, told, frames }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 5000 && !isSo(); i++) await setTimeout(1)
  expect(isSo()).to.equal(true)
}

describe('TrackFeeder', () => {
  it('reads no more than is wanted, and goes on when more is', async () => {
    const source = new ScriptedSource(Array(50).fill(4800))
    const { feeder, told, frames } = feed(async () => source)
    feeder.open(1, 'x', 0)
    await until(() => told.length === 1)
    await setTimeout(10)
    expect(source.reads).to.equal(0)
    feeder.want(1, 10_000)
    await until(() => frames() >= 10_000)
    await setTimeout(10)
    expect(frames()).to.equal(14_400)
    expect(source.reads).to.equal(3)
    feeder.want(1, 1)
    await setTimeout(10)
    expect(frames()).to.equal(14_400)
    feeder.want(1, 5000)
    await until(() => frames() > 14_400)
    await feeder.stop()
    expect(source.closes).to.be.above(0)
  })

  it('tells what it opened, every frame of it in small blocks, and the end', async () => {
    const { feeder, told, frames } = feed(async () => new ScriptedSource([48_000, 1, 7000]))
    feeder.open(7, 'x', 0)
    feeder.want(7, 1e6)
    await until(() => told.at(-1)?.type === 'trackEnded')
    expect(told[0]).to.deep.equal({ type: 'trackOpened', feed: 7, tags: { title: 'Song' }, durationMs: 1000 })
    expect(frames()).to.equal(55_001)
    for (const input of told) if (input.type === 'blockReady') expect(input.block.length).to.be.at.most(2400)
  })

  it('brings any rate and channel count to the programme’s, to the last frame', async () => {
    const source = new ScriptedSource([44_100, 100], { sampleRate: 44_100, channels: 1 })
    const { feeder, told, frames } = feed(async () => source)
    feeder.open(1, 'x', 0)
    feeder.want(1, 1e6)
    await until(() => told.at(-1)?.type === 'trackEnded')
    expect(frames()).to.equal(Math.ceil((44_200 * 48_000) / 44_100))
    const block = told.find((input) => input.type === 'blockReady')!.block
    expect([block.sampleRate, block.numberOfChannels]).to.deep.equal([48_000, 2])
  })

  it('passes on why a track cannot be opened or breaks off', async () => {
    const failing = feed(async () => {
      throw new Error('x: no such file')
    })
    failing.feeder.open(1, 'x', 0)
    await until(() => failing.told.length === 1)
    expect(failing.told[0]).to.deep.equal({ type: 'trackFailed', feed: 1, reason: 'x: no such file' })
    const source = new ScriptedSource([4800, new Error('x: bad block')])
    const breaking = feed(async () => source)
    breaking.feeder.open(2, 'x', 0)
    breaking.feeder.want(2, 1e6)
    await until(() => breaking.told.at(-1)?.type === 'trackFailed')
    expect(breaking.frames()).to.equal(4800)
    await until(() => source.closes > 0)
  })

  it('gives up on a track that never opens, and closes it should it open after all', async () => {
    const source = new ScriptedSource([])
    let open: (source: AudioSource) => void = () => undefined
    const { feeder, told } = feed(() => new Promise((resolve) => (open = resolve)), 20)
    feeder.open(1, 'http://slow', 0)
    await until(() => told.length === 1)
    expect(told[0]).to.include({ type: 'trackFailed' })
    open(source)
    await until(() => source.closes > 0)
  })

  it('says nothing more of a feed that was closed, wherever it was', async () => {
    const sources: ScriptedSource[] = []
    const { feeder, told } = feed(async () => {
      await setTimeout(5)
      sources.push(new ScriptedSource(Array(1000).fill(2400)))
      return sources.at(-1)!
    })
    feeder.open(1, 'opening', 0)
    feeder.close(1)
    feeder.open(2, 'waiting', 0)
    feeder.open(3, 'reading', 0)
    feeder.want(3, 1e7)
    await until(() => told.length > 20)
    feeder.close(2)
    feeder.close(3)
    const before = told.length
    await feeder.stop()
    expect(told.length).to.equal(before)
    expect(told.some((input) => input.feed === 1)).to.equal(false)
    for (const source of sources) expect(source.closes).to.be.above(0)
    feeder.want(3, 1)
    feeder.close(3)
  })
})
