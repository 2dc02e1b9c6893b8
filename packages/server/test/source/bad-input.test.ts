import { copyFile, mkdtemp, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ServerUs } from '@tutti/clock'
import type AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import { audioBlocks } from '../../src/audio-blocks.js'
import { Deck, type DeckPort } from '../../src/deck.js'
import { createOpenSource } from '../../src/node/source/open-source.js'
import { TrackFeeder } from '../../src/node/track-feeder.js'
import { Programme } from '../../src/programme.js'
import { addEntries, emptyQueue } from '../../src/queue.js'
import { fixturePath } from './fixtures.js'

const sampleRate = 48_000

/** Plays all of `locations`, as fast as they decode: what was reported, and how many seconds were heard of each. */
async function playAll(
  locations: readonly string[],
  onTrack: (location: string) => Promise<void> = async () => undefined,
) {
  const reports: string[] = []
  const heardS = new Map<string, number>()
  let current = ''
  let isOver = false
  let feeds = 0
  const begun: Promise<void>[] = []
  const port: DeckPort = {
    open: (entry, fromMs) => {
      current = entry.location
      feeder.open(++feeds, entry.location, fromMs)
      return feeds
    },
    close: (feed) => feeder.close(feed),
    want: (feed, frames) => feeder.want(feed, frames),
    cleared: () => undefined,
    halted: () => undefined,
    report: (event) => {
      if ('reason' in event) reports.push(event.reason)
      if (event.type === 'nothingPlayable') isOver = true
    },
  }
  const deck = new Deck<AudioBuffer>(new Programme(sampleRate, audioBlocks(sampleRate, 2)), port)
  const feeder = new TrackFeeder({
    openSource: createOpenSource(undefined),
    sampleRate,
    channels: 2,
    openTimeoutMs: 10_000,
    tell: (input) => {
      if (!deck.owns(input.feed)) return
      if (input.type === 'trackOpened') begun.push(onTrack(current))
      else if (input.type === 'blockReady') {
        heardS.set(current, (heardS.get(current) ?? 0) + input.block.length / sampleRate)
        deck.append(input.block)
      } else if (input.type === 'trackEnded') deck.trackEnded()
      else if (input.type === 'trackFailed') deck.trackFailed(input.reason)
    },
  })
  const entries = locations.map((location) => ({ id: location, location }))
  deck.edit(addEntries(emptyQueue, entries), 0 as ServerUs)
  deck.play()
  while (!isOver && deck.endFrame === undefined) {
    // A little at a time, so that something may happen to a track while it plays.
    deck.wantUntil(deck.programme.endFrame + sampleRate)
    await Promise.all(begun.splice(0))
    await setImmediate()
  }
  await feeder.stop()
  return { reports, heardS }
}

describe('Bad input', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('is skipped with one line each, and playback goes on', async () => {
    const mp3 = await readFile(fixturePath('tone.mp3'))
    const paths = Object.fromEntries(
      ['empty.mp3', 'cut.mp3', 'really-mp3.flac', 'noise.mp3', 'good.mp3', 'gone.mp3', 'folder.mp3'].map((name) => [
        name,
        join(folder, name),
      ]),
    ) as Record<string, string>
    await writeFile(paths['empty.mp3']!, '')
    await writeFile(paths['cut.mp3']!, mp3.subarray(0, mp3.length / 2))
    await writeFile(paths['really-mp3.flac']!, mp3)
    await writeFile(paths['noise.mp3']!, 'Buy milk.\n'.repeat(1000))
    await writeFile(paths['good.mp3']!, mp3)
    const { reports, heardS } = await playAll([...Object.values(paths), fixturePath('tone.flac')])
    expect(reports).to.have.length(5)
    expect(reports[0]).to.match(/^empty\.mp3: is empty .0 bytes.; copy it again\.$/)
    expect(reports[1]).to.match(
      /^cut\.mp3: ends 0\.\d s before its header says; it may have been cut short, copy it again\.$/,
    )
    expect(reports[2]).to.match(/^noise\.mp3: is not MP3, .*; install ffmpeg to play other formats\.$/)
    expect(reports[3]).to.equal('gone.mp3: no such file; check the path.')
    expect(reports[4]).to.equal('folder.mp3: no such file; check the path.')
    expect(heardS.get(paths['cut.mp3']!)).to.be.within(0.4, 0.8)
    expect(heardS.get(paths['really-mp3.flac']!)).to.be.closeTo(1.2, 1e-3)
    expect(heardS.get(paths['good.mp3']!)).to.be.closeTo(1.2, 1e-3)
    expect(heardS.get(fixturePath('tone.flac'))).to.be.closeTo(0.7, 1e-3)
  })

  it('that becomes bad while it plays breaks off with one line, or plays on where the system keeps it', async () => {
    const mp3 = await readFile(fixturePath('tone.mp3'))
    const frames = mp3.subarray(mp3.indexOf(Buffer.of(0xff, 0xfb), 600)) // past the header that counts them
    const long = Buffer.concat(Array.from({ length: 40 }, () => frames))
    const cut = join(folder, 'cut.mp3')
    const removed = join(folder, 'removed.wav')
    await writeFile(cut, long)
    await copyFile(fixturePath('tone.wav'), removed)
    const { reports, heardS } = await playAll([removed, cut, fixturePath('tone.flac')], async (location) => {
      if (location === removed) await unlink(removed)
      if (location === cut) await truncate(cut, 20_000)
    })
    expect(reports.length).to.be.at.most(1)
    expect(heardS.get(removed)).to.be.closeTo(0.25, 1e-3)
    expect(heardS.get(cut)).to.be.above(0.1)
    expect(heardS.get(fixturePath('tone.flac'))).to.be.closeTo(0.7, 1e-3)
  })

  it('alone in a queue ends playback rather than trying for ever', async () => {
    const { reports } = await playAll([join(folder, 'a.mp3'), join(folder, 'b.mp3')])
    expect(reports).to.have.length(2)
  })
})
