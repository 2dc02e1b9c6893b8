import { spawn } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ServerUs } from '@tutti/clock'
import { MonotonicClock, MonotonicTimers } from '@tutti/protocol/node'
import type AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import { audioBlocks } from '../../src/audio-blocks.js'
import type { OpenSource } from '../../src/audio-source.js'
import { Deck, type DeckPort } from '../../src/deck.js'
import { createOpenSource } from '../../src/node/source/open-source.js'
import { openStdin } from '../../src/node/source/pipe-source.js'
import { fileProblem } from '../../src/node/source/source-problem.js'
import { TrackFeeder } from '../../src/node/track-feeder.js'
import { Programme } from '../../src/programme.js'
import { addEntries, emptyQueue } from '../../src/queue.js'
import { fixturePath } from './fixtures.js'

const sampleRate = 48_000

/** Plays all of `locations`, as fast as they decode: what was reported, and how many seconds were heard of each. */
async function playAll(
  locations: readonly string[],
  onTrack: (location: string) => Promise<void> = async () => undefined,
  openSource: OpenSource = createOpenSource(undefined),
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
    openSource,
    sampleRate,
    channels: 2,
    openTimeoutMs: 10_000,
    tell: (input) => {
      if (!deck.reader.owns(input.feed)) return
      if (input.type === 'trackOpened') begun.push(onTrack(current))
      else if (input.type === 'blockReady') {
        heardS.set(current, (heardS.get(current) ?? 0) + input.block.length / sampleRate)
        deck.reader.append(input.block)
      } else if (input.type === 'trackEnded') deck.trackEnded()
      else if (input.type === 'trackFailed') deck.trackFailed(input.reason)
    },
  })
  const entries = locations.map((location) => ({ id: location, location }))
  deck.edit(addEntries(emptyQueue, entries), 0 as ServerUs)
  deck.play()
  while (!isOver && deck.reader.endFrame === undefined) {
    // A little at a time, so that something may happen to a track while it plays.
    deck.reader.wantUntil(deck.programme.endFrame + sampleRate)
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

  describe('too large to be read at once', () => {
    const seconds = 60

    /** 16-bit stereo, 10 MB. */
    function longWav(): Buffer {
      const bytes = Buffer.alloc(44 + seconds * sampleRate * 4, 1)
      bytes.write('RIFF', 0)
      bytes.writeUInt32LE(bytes.length - 8, 4)
      bytes.write('WAVEfmt ', 8)
      bytes.writeUInt32LE(16, 16)
      bytes.writeUInt16LE(1, 20)
      bytes.writeUInt16LE(2, 22)
      bytes.writeUInt32LE(sampleRate, 24)
      bytes.writeUInt32LE(sampleRate * 4, 28)
      bytes.writeUInt16LE(4, 32)
      bytes.writeUInt16LE(16, 34)
      bytes.write('data', 36)
      bytes.writeUInt32LE(bytes.length - 44, 40)
      return bytes
    }

    it('plays to its end when it is removed: the system keeps what is open', async () => {
      const path = join(folder, 'long.wav')
      await writeFile(path, longWav())
      const { reports, heardS } = await playAll([path, fixturePath('tone.flac')], async (location) => {
        if (location === path) await unlink(path)
      })
      expect(reports).to.deep.equal([])
      expect(heardS.get(path)).to.be.closeTo(seconds, 1e-3)
      expect(heardS.get(fixturePath('tone.flac'))).to.be.closeTo(0.7, 1e-3)
    })

    it('breaks off with one line when its rest goes while it plays, and the next track follows', async () => {
      const path = join(folder, 'long.wav')
      await writeFile(path, longWav())
      const { reports, heardS } = await playAll([path, fixturePath('tone.flac')], async (location) => {
        if (location === path) await truncate(path, 1_000_000)
      })
      expect(reports).to.have.length(1)
      expect(reports[0]).to.match(
        /^long\.wav: ends \d\d\.\d s before its header says; it may have been cut short, copy it again\.$/,
      )
      expect(heardS.get(path)).to.be.within(1, seconds - 1)
      expect(heardS.get(fixturePath('tone.flac'))).to.be.closeTo(0.7, 1e-3)
    })
  })

  it('that may not be read, or whose disk fails, is skipped or broken off with one line', async () => {
    // Root may read everything: the system's errors are made up here, the rest is real.
    const real = createOpenSource(undefined)
    const denied = Object.assign(new Error('denied'), { code: 'EACCES' })
    const broken = Object.assign(new Error('broken'), { code: 'EIO' })
    const openSource: OpenSource = async (location, fromMs) => {
      if (location === '/locked.mp3') throw fileProblem(location, denied)
      if (location !== '/broken.flac') return real(location, fromMs)
      const source = await real(fixturePath('tone.flac'), fromMs)
      let reads = 0
      const read = (): ReturnType<typeof source.read> =>
        ++reads > 1 ? Promise.reject(fileProblem(location, broken)) : source.read()
      return { ...source, read }
    }
    const { reports, heardS } = await playAll(
      ['/locked.mp3', '/broken.flac', fixturePath('tone.mp3')],
      async () => undefined,
      openSource,
    )
    expect(reports).to.deep.equal([
      'locked.mp3: may not be read; give the user that runs Tutti read permission.',
      'broken.flac: the disk does not give it back (I/O error); copy it elsewhere.',
    ])
    expect(heardS.get('/broken.flac')).to.be.above(0)
    expect(heardS.get(fixturePath('tone.mp3'))).to.be.closeTo(1.2, 1e-3)
  })

  it('from a pipe that closes ends that track, and the next one follows', async () => {
    const clock = new MonotonicClock<ServerUs>()
    const time = { clock, timers: new MonotonicTimers<ServerUs>(clock) }
    const writer = 'for n in 1 2 3 4 5 6 7 8 9 10; do head -c 19200 /dev/zero; sleep 0.1; done' // 1 s, as it happens
    const real = createOpenSource(undefined)
    const problems: string[] = []
    const openSource: OpenSource = async (location, fromMs) => {
      if (location !== '-') return real(location, fromMs)
      const child = spawn('sh', ['-c', writer], { stdio: ['ignore', 'pipe', 'ignore'] })
      const format = { encoding: 's16le', sampleRate, channels: 2, latencyMs: 100 } as const
      return openStdin(location, format, time, child.stdout, (problem) => problems.push(problem))
    }
    const { reports, heardS } = await playAll(['-', fixturePath('tone.mp3')], async () => undefined, openSource)
    expect([...reports, ...problems]).to.deep.equal(['standard input: has ended; the queue goes on.'])
    expect(heardS.get('-')).to.be.above(0.5)
    expect(heardS.get(fixturePath('tone.mp3'))).to.be.closeTo(1.2, 1e-3)
  })

  it('alone in a queue ends playback rather than trying for ever', async () => {
    const { reports } = await playAll([join(folder, 'a.mp3'), join(folder, 'b.mp3')])
    expect(reports).to.have.length(2)
  })
})
