import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import type { OpenSource } from '../../src/audio-source.js'
import { loadClip } from '../../src/node/clip-loader.js'
import { createOpenSource } from '../../src/node/source/open-source.js'
import { channelOf, fixturePath, toneSnrDb } from '../source/fixtures.js'

const options = { openSource: createOpenSource(undefined), sampleRate: 48_000, channels: 2, timeoutMs: 10_000 }
const canSpeak = spawnSync('espeak-ng', ['--version']).error === undefined

async function problemOf(loading: Promise<AudioBuffer>): Promise<string> {
  return loading.then(
    () => 'it was loaded',
    (error: Error) => error.message,
  )
}

describe('A clip for an announcement', () => {
  it('is all of a file, at the rate of the programme', async () => {
    const clip = await loadClip({ location: fixturePath('tone.flac') }, options)
    expect(clip.sampleRate).to.equal(48_000)
    expect(clip.length).to.equal(33_600) // 0.7 s
    expect(toneSnrDb(channelOf([clip], 0).subarray(0, 33_000), 48_000)).to.be.above(60)
  })

  it('is spoken by a program of this machine', async function () {
    if (!canSpeak) this.skip()
    const clip = await loadClip({ text: '--help is no option here; dinner is ready' }, options)
    expect(clip.length / 48_000).to.be.within(1, 10)
    expect(Math.max(...clip.getChannelData(1))).to.be.within(0.05, 1)
  })

  it('is spoken in a voice of Piper where there is one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tutti-'))
    // What Piper is asked and where it writes, with a tone for its voice.
    const script = `#!/bin/sh\ncat > ${folder}/text\n[ "$2" = anna.onnx ] && [ "$3" = --output_file ] && cp ${fixturePath('tone.wav')} "$4"\n`
    await writeFile(join(folder, 'piper'), script, { mode: 0o755 })
    const { PATH } = process.env
    process.env.PATH = `${folder}:${PATH}`
    const clip = await loadClip({ text: 'dinner is ready' }, { ...options, voice: 'anna.onnx' })
    process.env.PATH = PATH
    expect(clip.length).to.equal(12_000) // 0.25 s
    expect(await readFile(join(folder, 'text'), 'utf8')).to.equal('dinner is ready')
    await rm(folder, { recursive: true })
  })

  it('says in one line that nothing here can speak', async () => {
    const { PATH } = process.env
    process.env.PATH = '/nowhere'
    const problem = await problemOf(loadClip({ text: 'hello' }, options))
    process.env.PATH = PATH
    expect(problem).to.equal('no program here can speak; install espeak-ng, or announce a sound file.')
  })

  it('says in one line what is wrong with a file', async () => {
    expect(await problemOf(loadClip({ location: '/no/bell.mp3' }, options))).to.equal(
      'bell.mp3: no such file; check the path.',
    )
  })

  it('is not a programme: what goes on for ever, or never comes, is given up and closed', async () => {
    let closed = 0
    const endless: OpenSource = async () => ({
      sampleRate: 48_000,
      channels: 2,
      durationMs: undefined,
      tags: {},
      read: async () => new AudioBuffer({ length: 48_000, sampleRate: 48_000, numberOfChannels: 2 }),
      close: async () => void closed++,
    })
    expect(await problemOf(loadClip({ location: 'song' }, { ...options, openSource: endless }))).to.equal(
      'song: is longer than 2 minutes; announce something shorter.',
    )
    const stuck: OpenSource = async () => ({
      ...(await endless('', 0)),
      read: () => new Promise(() => undefined),
    })
    expect(await problemOf(loadClip({ location: 'song' }, { ...options, openSource: stuck, timeoutMs: 50 }))).to.equal(
      'song: cannot be had within 0.05 s; check it.',
    )
    expect(closed).to.equal(2)
  })
})
