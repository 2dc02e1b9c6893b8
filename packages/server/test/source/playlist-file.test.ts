import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createOpenSource } from '../../src/node/source/open-source.js'
import { expandTrack } from '../../src/node/source/playlist-file.js'
import { channelOf, fixturePath, framesOf, readAll } from './fixtures.js'

describe('Folders and lists', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function make(path: string, text = ''): Promise<string> {
    await writeFile(join(folder, path), text)
    return join(folder, path)
  }

  async function expanded(path: string): Promise<readonly string[]> {
    return (await expandTrack({ location: path })).map(({ location }) => location.replace(`${folder}/`, ''))
  }

  it('become their tracks, as people count, files before folders, without what is no music', async () => {
    await mkdir(join(folder, 'CD 10'))
    await mkdir(join(folder, 'cd 2'))
    for (const path of ['track 10.mp3', 'Track 2.flac', 'cover.jpg', '.hidden.mp3', 'CD 10/1.ogg', 'cd 2/1.wav'])
      await make(path)
    expect(await expanded(folder)).to.deep.equal(['Track 2.flac', 'track 10.mp3', 'cd 2/1.wav', 'CD 10/1.ogg'])
  })

  it('come to an end though a folder holds itself', async () => {
    await make('a.mp3')
    await symlink(folder, join(folder, 'again'))
    expect((await expanded(folder)).length).to.be.within(1, 21)
  })

  it('of 10,000 files are listed in less than two seconds', async () => {
    for (let n = 0; n < 10_000; n++) await make(`${n}.mp3`)
    const startedAt = process.hrtime.bigint()
    const tracks = await expanded(folder)
    expect(Number(process.hrtime.bigint() - startedAt) / 1e9).to.be.below(2)
    expect(tracks.length).to.equal(10_000)
    expect(tracks.slice(0, 3)).to.deep.equal(['0.mp3', '1.mp3', '2.mp3'])
  }).timeout(60_000)

  it('of M3U are relative to themselves, keep titles and addresses, and start no programs', async () => {
    const text =
      '#EXTM3U\n#EXTINF:1,First\nsub\\1.mp3\n../2.mp3\nhttp://radio.example/live\nexec:rm -rf /\nfifo:/tmp/x\n-\n'
    const tracks = await expandTrack({ location: await make('list.m3u8', text) })
    expect(tracks).to.deep.equal([
      { location: join(folder, 'sub/1.mp3'), title: 'First' },
      { location: join(folder, '../2.mp3') },
      { location: 'http://radio.example/live' },
    ])
  })

  it('leave alone what is neither, and what is not there', async () => {
    for (const location of ['http://radio.example/list.m3u', '/no/such/file.mp3', 'exec:cat x.m3u']) {
      expect(await expandTrack({ location, live: true })).to.deep.equal([{ location, live: true }])
    }
  })

  it('say so when there is nothing in them', async () => {
    const problem = await expandTrack({ location: folder }).catch((error: Error) => error.message)
    expect(problem).to.match(/: holds nothing that could be played\.$/)
  })

  it('that are cue sheets part one recording into tracks without losing a frame', async () => {
    await copyFile(fixturePath('tone.flac'), join(folder, 'whole.flac'))
    const sheet = `FILE "whole.flac" WAVE
      TRACK 01 AUDIO
        TITLE "First"
        INDEX 01 00:00:00
      TRACK 02 AUDIO
        TITLE "Second"
        INDEX 01 00:00:25`
    const tracks = await expandTrack({ location: await make('whole.cue', sheet) })
    expect(tracks.map(({ title }) => title)).to.deep.equal(['First', 'Second'])
    const open = createOpenSource(undefined)
    const parts = await Promise.all(tracks.map(({ location }) => open(location, 0)))
    expect(parts.map(({ tags }) => tags.title)).to.deep.equal(['First', 'Second'])
    expect(parts[0]!.durationMs).to.be.closeTo(333.3, 0.1)
    const blocks = [await readAll(parts[0]!), await readAll(parts[1]!)]
    expect(framesOf(blocks[0]!)).to.equal(14_700)
    const whole = channelOf(await readAll(await open(join(folder, 'whole.flac'), 0)), 0)
    expect([...channelOf(blocks.flat(), 0)]).to.deep.equal([...whole])
    await Promise.all(parts.map((part) => part.close()))
  })
})
