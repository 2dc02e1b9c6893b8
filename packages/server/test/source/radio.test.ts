import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { ServerUs } from '@tutti/clock'
import { MonotonicClock, MonotonicTimers } from '@tutti/protocol/node'
import type AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import type { AudioSource, TrackTags } from '../../src/audio-source.js'
import { findFfmpeg } from '../../src/node/source/ffmpeg.js'
import { createOpenSource } from '../../src/node/source/open-source.js'
import { openRadio } from '../../src/node/source/radio-source.js'
import { SourceProblem } from '../../src/node/source/source-problem.js'
import { findStream } from '../../src/node/source/stream-search.js'
import { fixturePath, framesOf, readAll } from './fixtures.js'
import { repeated, type Station, startStation, withTitles } from './station.js'

const ffmpeg = await findFfmpeg()
const mp3 = repeated(await readFile(fixturePath('tone.mp3')), 12) // 14 s
const bytesPerS = mp3.length / 14.4

function isHeard(block: AudioBuffer): boolean {
  return block.getChannelData(0).some((sample) => Math.abs(sample) > 0.05)
}

/** Reads until `wanted` says so, 20 s of audio at most. */
async function readUntil(source: AudioSource, wanted: (block: AudioBuffer) => boolean): Promise<number> {
  for (let blocks = 1; blocks < 1000; blocks++) {
    const block = await source.read()
    if (block === undefined) throw new Error('it ended')
    if (wanted(block)) return blocks
  }
  throw new Error('it never came')
}

async function problemOf(opening: Promise<AudioSource>): Promise<string> {
  const problem = await opening.then(
    (source) => source.close().then(() => 'it played'),
    (error) => error,
  )
  expect(problem).to.be.instanceOf(SourceProblem)
  expect(problem.message).to.not.include('\n')
  return problem.message.replace(/^127\.0\.0\.1:\d+/, 'host')
}

describe('Internet radio', () => {
  let station: Station | undefined
  const opened: AudioSource[] = []
  const open = async (path: string, command?: string): Promise<AudioSource> => {
    const source = await createOpenSource(command)(station!.url(path), 0)
    opened.push(source)
    return source
  }

  afterEach(async () => {
    for (const source of opened.splice(0)) await source.close()
    await station?.stop()
    station = undefined
  })

  for (const [how, command] of [
    ['without ffmpeg', undefined],
    ['with ffmpeg', ffmpeg],
  ] as const) {
    it(`is heard, and its titles change, ${how}`, async function () {
      if (how === 'with ffmpeg' && ffmpeg === undefined) this.skip()
      let rest: () => void = () => undefined
      station = await startStation({
        '/live': (response, request) => {
          expect(request.headers['icy-metadata']).to.equal('1')
          response.writeHead(200, { 'content-type': 'audio/mpeg', 'icy-metaint': '8000', 'icy-name': 'Radio Tutti' })
          const stream = withTitles(mp3, 8000, ['Nina Simone - Feeling Good', '', 'It’s Five O’Clock'])
          response.write(stream.subarray(0, 16_000))
          rest = () => response.write(stream.subarray(16_000))
        },
      })
      const source = await open('/live', command)
      const seen = new Set<TrackTags>()
      rest()
      await readUntil(source, (block) => seen.add(source.tags) && isHeard(block))
      expect(source.tags).to.deep.equal({ title: 'It’s Five O’Clock' })
      expect(source.durationMs).to.equal(undefined)
      await source.close()
      expect(await source.read()).to.equal(undefined)
    })
  }

  it('has the station’s name for a title until there is one', async () => {
    station = await startStation({
      '/live': (response) => {
        response.writeHead(200, { 'content-type': 'audio/mpeg', 'icy-name': 'Radio Tutti' })
        response.write(mp3)
      },
    })
    const source = await open('/live')
    expect(source.tags).to.deep.equal({ title: 'Radio Tutti' })
    await source.close()
  })

  for (const [file, type] of [
    ['tone.flac', 'audio/flac'],
    ['tone-vorbis.ogg', 'application/ogg'],
    ['tone-opus.ogg', 'audio/ogg'],
  ] as const) {
    it(`may be ${file.replace('tone', 'a tone').replace('.', ' in ')}, without ffmpeg`, async () => {
      const bytes = await readFile(fixturePath(file))
      station = await startStation({
        '/live': async (response) => {
          response.writeHead(200, { 'content-type': type })
          response.end(bytes) // too short to fill the buffer: what matters is that it was understood
        },
      })
      const source = await open('/live')
      expect(source.sampleRate).to.equal(file.includes('opus') ? 48_000 : 44_100)
      await source.close()
    })
  }

  describe('with 0.3 s of patience', () => {
    const clock = new MonotonicClock<ServerUs>()
    const time = { clock, timers: new MonotonicTimers<ServerUs>(clock) }
    const problems: string[] = []

    async function tune(path: string, idleMs: number): Promise<AudioSource> {
      problems.length = 0
      const url = station!.url(path)
      const found = await findStream(url, new AbortController().signal)
      if (found.kind !== 'radio') throw new Error(found.kind)
      const onProblem = (problem: string): void => void problems.push(problem)
      const source = await openRadio(url, found.response, {
        ffmpeg: undefined,
        time,
        onProblem,
        latencyMs: 300,
        idleMs,
      })
      opened.push(source)
      return source
    }

    async function play(response: ServerResponse, fromS: number, forS: number): Promise<void> {
      for (let s = fromS; s < fromS + forS; s += 0.1) {
        response.write(mp3.subarray(s * bytesPerS, (s + 0.1) * bytesPerS))
        await pause(100)
      }
    }

    it('is silent in step through a stall, and goes on with the same connection', async () => {
      station = await startStation({
        '/live': async (response) => {
          response.writeHead(200, { 'content-type': 'audio/mpeg' })
          await play(response, 0, 1.2)
          await pause(1000)
          await play(response, 1.2, 4)
        },
      })
      const source = await tune('/live', 5000)
      const startedAt = clock.now()
      let blocks = await readUntil(source, isHeard)
      blocks += await readUntil(source, (block) => !isHeard(block))
      blocks += await readUntil(source, isHeard)
      // In step: as many frames as time has passed, whatever the station did.
      const elapsedMs = (clock.now() - startedAt) / 1000
      expect(blocks * 5 - elapsedMs).to.be.within(-270, 40)
      expect(station.requests).to.deep.equal(['/live'])
      expect(problems).to.deep.equal([])
      await source.close()
    })

    it('is asked anew when it sends nothing, says so once, and is heard again', async () => {
      let connections = 0
      station = await startStation({
        '/live': async (response) => {
          connections++
          response.writeHead(200, { 'content-type': 'audio/mpeg' })
          await play(response, 0, connections === 1 ? 1.2 : 5)
        },
      })
      const source = await tune('/live', 600)
      await readUntil(source, isHeard)
      await readUntil(source, (block) => !isHeard(block))
      await readUntil(source, isHeard)
      expect(station.requests).to.deep.equal(['/live', '/live'])
      expect(problems).to.have.length(1)
      expect(problems[0]).to.match(
        /^127.0.0.1:\d+\/live: has sent nothing for a while\. Waiting for it to come back\.$/,
      )
      await source.close()
    })
  })

  it('that stalls for 3 s is silent for what its buffer does not cover, in step, and goes on by itself', async function () {
    this.timeout(30_000)
    const clock = new MonotonicClock<ServerUs>()
    station = await startStation({
      '/live': async (response) => {
        response.writeHead(200, { 'content-type': 'audio/mpeg' })
        response.write(mp3.subarray(0, 2.5 * bytesPerS)) // to fill the buffer at once
        for (let s = 2.5; s < 12; s += 0.1) {
          if (Math.abs(s - 4) < 0.05) await pause(3000)
          response.write(mp3.subarray(s * bytesPerS, (s + 0.1) * bytesPerS))
          await pause(100)
        }
      },
    })
    const source = await open('/live')
    const startedAt = clock.now()
    let longestS = 0
    let silentS = 0
    let heardS = 0
    while (heardS < 10) {
      const block = (await source.read())!
      const lengthS = block.length / block.sampleRate
      heardS += lengthS
      silentS = isHeard(block) ? 0 : silentS + lengthS
      if (heardS > 3) longestS = Math.max(longestS, silentS)
    }
    expect(longestS).to.be.within(0.3, 3.1)
    expect(silentS).to.be.below(0.1) // it is heard again
    expect(heardS * 1000 - (clock.now() - startedAt) / 1000).to.be.within(-270, 40)
    expect(station.requests).to.deep.equal(['/live'])
  })

  describe('that cannot be had says so in one line', () => {
    it('when it is not there', async () => {
      station = await startStation({})
      expect(await problemOf(open('/gone'))).to.equal('host/gone: is not there (404); check the address.')
    })

    it('when it is a web page', async () => {
      station = await startStation({
        '/page': (response) =>
          response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>') && undefined,
      })
      expect(await problemOf(open('/page'))).to.match(/^host\/page: is not audio but text\/html; /)
    })

    it('when it redirects without end', async () => {
      station = await startStation({
        '/round': (response) => void response.writeHead(302, { location: '/round' }).end(),
      })
      expect(await problemOf(open('/round'))).to.equal('host/round: redirects without end; check the address.')
      expect(station.requests).to.have.length(6)
    })

    it('when it redirects into this machine’s files', async () => {
      station = await startStation({
        '/away': (response) => void response.writeHead(301, { location: 'file:///etc/passwd' }).end(),
      })
      expect(await problemOf(open('/away'))).to.match(/^host\/away: redirects to something that is not on the web; /)
    })

    it('when nobody answers', async () => {
      station = await startStation({})
      const url = station.url('/live')
      await station.stop()
      expect(await problemOf(createOpenSource(ffmpeg)(url, 0))).to.match(/: nobody answers at that port; /)
    })

    it('when what it sends is not audio after all', async () => {
      station = await startStation({
        '/noise': (response) => void response.writeHead(200, { 'content-type': 'audio/flac' }).end('x'.repeat(5000)),
      })
      expect(await problemOf(open('/noise'))).to.match(/^host\/noise: .+[;:(] .+\.$/)
    })
  })

  it('is found through redirects and lists, and a list’s dead addresses are passed over', async () => {
    station = await startStation({
      '/station.pls': (response) =>
        void response
          .writeHead(200, { 'content-type': 'audio/x-scpls' })
          .end(`[playlist]\nFile1=${station!.url('/dead')}\nTitle1=Dead\nFile2=/mirror.m3u\nNumberOfEntries=2\n`),
      '/mirror.m3u': (response) =>
        void response.writeHead(200, { 'content-type': 'audio/x-mpegurl' }).end('#EXTM3U\n#EXTINF:-1,Live\nmoved\n'),
      '/moved': (response) => void response.writeHead(302, { location: '/live' }).end(),
      '/live': (response) => {
        response.writeHead(200, { 'content-type': 'audio/mpeg' })
        response.write(mp3)
      },
    })
    const source = await open('/station.pls')
    await readUntil(source, isHeard)
    expect(station.requests).to.deep.equal(['/station.pls', '/dead', '/mirror.m3u', '/moved', '/live'])
    await source.close()
  })

  it('leaves a file on the network a file: it has an end, and a middle to begin at', async () => {
    const bytes = await readFile(fixturePath('tone.mp3'))
    station = await startStation({
      '/tone.mp3': (response) =>
        void response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': bytes.length }).end(bytes),
    })
    const source = await createOpenSource(undefined)(station.url('/tone.mp3'), 330)
    expect(framesOf(await readAll(source))).to.equal(52_920 - 14_553)
  })
})
