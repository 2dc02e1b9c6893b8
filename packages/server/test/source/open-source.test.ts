import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { findFfmpeg } from '../../src/node/source/ffmpeg.js'
import { createOpenSource } from '../../src/node/source/open-source.js'
import { SourceProblem } from '../../src/node/source/source-problem.js'
import { channelOf, fixturePath, fixtures, framesOf, readAll, toneSnrDb } from './fixtures.js'

const alone = createOpenSource(undefined)
const ffmpeg = await findFfmpeg()

describe('opening a track without ffmpeg', () => {
  for (const { file, frames, sampleRate, channels, minSnrDb } of fixtures) {
    it(`gives every frame of ${file}, and no encoder delay or padding`, async () => {
      const source = await alone(fixturePath(file), 0)
      const blocks = await readAll(source)
      await source.close()
      expect(source.sampleRate).to.equal(sampleRate)
      expect(source.channels).to.equal(channels)
      expect(framesOf(blocks)).to.equal(frames)
      expect(toneSnrDb(channelOf(blocks, 0), sampleRate)).to.be.above(minSnrDb)
    })

    it(`gives the same from the middle of ${file} as from the start`, async () => {
      const whole = channelOf(await readAll(await alone(fixturePath(file), 0)), 0)
      const rest = channelOf(await readAll(await alone(fixturePath(file), 330)), 0)
      expect([...rest]).to.deep.equal([...whole.subarray(Math.round(sampleRate * 0.33))])
    })
  }

  it('gives every frame of a mono WAV file, with and without ffmpeg', async () => {
    const source = await alone(fixturePath('tone.wav'), 0)
    expect(source.channels).to.equal(1)
    expect(framesOf(await readAll(source))).to.equal(11_025)
    if (ffmpeg === undefined) return
    expect(framesOf(await readAll(await createOpenSource(ffmpeg)(fixturePath('tone.wav'), 0)))).to.equal(12_000)
  })

  it('gives blocks shorter than a second, of the announced rate and channels', async () => {
    const source = await alone(fixturePath('tone.mp3'), 0)
    for (const block of await readAll(source)) {
      expect(block.length).to.be.at.most(source.sampleRate)
      expect(block.sampleRate).to.equal(source.sampleRate)
      expect(block.numberOfChannels).to.equal(source.channels)
    }
  })

  it('ends at once when asked for a place after the end', async () => {
    expect(await readAll(await alone(fixturePath('tone.flac'), 60_000))).to.deep.equal([])
  })
})

describe('opening a track with ffmpeg', () => {
  before(function () {
    if (ffmpeg === undefined) this.skip()
  })

  for (const { file, frames, sampleRate, minSnrDb } of fixtures) {
    const frames48k = Math.round((frames * 48_000) / sampleRate)
    const paddingFrames = file.endsWith('m4a') ? 1115 : 0 // one AAC frame of 1024 at 44.1 kHz, which ffmpeg 5 leaves

    it(`gives every frame of ${file} at 48 kHz`, async () => {
      const source = await createOpenSource(ffmpeg)(fixturePath(file), 0)
      const blocks = await readAll(source)
      await source.close()
      expect(source.sampleRate).to.equal(48_000)
      expect(source.channels).to.equal(2)
      expect(framesOf(blocks)).to.be.within(frames48k, frames48k + paddingFrames)
      expect(toneSnrDb(channelOf(blocks, 0).subarray(0, frames48k), 48_000)).to.be.above(minSnrDb)
    })

    it(`begins at the exact frame in the middle of ${file}`, async () => {
      const blocks = await readAll(await createOpenSource(ffmpeg)(fixturePath(file), 330))
      const samples = channelOf(blocks, 0).subarray(1000, 16_000) // a decoder begun in the middle warms up
      expect(toneSnrDb(samples, 48_000, 1000 + 48 * 330)).to.be.above(minSnrDb)
    })
  }
})

for (const [name, command] of [
  ['without ffmpeg', undefined],
  ['with ffmpeg', ffmpeg],
] as const) {
  describe(`what cannot be played ${name}`, () => {
    const open = createOpenSource(command)
    let folder: string

    before(async function () {
      if (name === 'with ffmpeg' && ffmpeg === undefined) this.skip()
      folder = await mkdtemp(join(tmpdir(), 'tutti-'))
    })
    after(async () => {
      if (folder !== undefined) await rm(folder, { recursive: true })
    })

    async function make(file: string, bytes: Uint8Array | string): Promise<string> {
      const path = join(folder, file)
      await writeFile(path, bytes)
      return path
    }

    /** The one line that opening, or reading to the end, rejects with. */
    async function problemOf(path: string): Promise<string> {
      try {
        await readAll(await open(path, 0))
      } catch (error) {
        expect(error).to.be.instanceOf(SourceProblem)
        const { message } = error as SourceProblem
        expect(message).to.not.include('\n')
        return message
      }
      throw new Error('it played')
    }

    it('says that a file is missing', async () => {
      expect(await problemOf(join(folder, 'gone.mp3'))).to.equal('gone.mp3: no such file; check the path.')
    })

    it('says that a file is empty', async () => {
      expect(await problemOf(await make('empty.mp3', ''))).to.match(/^empty.mp3: is empty .0 bytes.; /)
    })

    it('says that a path is a directory', async () => {
      expect(await problemOf(folder)).to.match(/: is a directory; give a file\.$/)
    })

    it('says that a file is not audio', async () => {
      expect(await problemOf(await make('notes.mp3', 'Buy milk.\n'.repeat(50)))).to.match(/^notes.mp3: .+; .+\.$/)
    })

    for (const file of ['tone.flac', 'tone.mp3', 'tone.m4a', 'tone.wav']) {
      it(`says that ${file} was cut short`, async () => {
        const bytes = await readFile(fixturePath(file))
        const path = await make(`cut-${file}`, bytes.subarray(0, bytes.length * (file === 'tone.wav' ? 0.1 : 0.5)))
        expect(await problemOf(path)).to.match(/^cut-tone\.\w+: .+; .+\.$/)
      })
    }

    it('plays what the content is, whatever the name says', async () => {
      const path = await make('really-mp3.flac', await readFile(fixturePath('tone.mp3')))
      const source = await open(path, 0)
      expect(framesOf(await readAll(source))).to.equal(Math.round(1.2 * source.sampleRate))
    })
  })
}

describe('closing a track', () => {
  it('ends a read that is under way, and every later one', async () => {
    const source = await alone(fixturePath('tone.mp3'), 0)
    await source.read()
    const reads = [source.read(), source.read(), source.read(), source.read()]
    await source.close()
    await source.close()
    expect((await Promise.all(reads)).at(-1)).to.equal(undefined)
    expect(await source.read()).to.equal(undefined)
  })
})
