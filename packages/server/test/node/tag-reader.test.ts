import { expect } from 'chai'
import { TagReader } from '../../src/node/tag-reader.js'
import type { TrackFacts } from '../../src/queue.js'
import { fixturePath } from '../source/fixtures.js'

/** Everything that is told until nothing is left to read. */
async function readAll(locations: readonly string[]): Promise<ReadonlyMap<string, TrackFacts>> {
  const told = new Map<string, TrackFacts>()
  let isOver = (): void => undefined
  const over = new Promise<void>((resolve) => {
    isOver = resolve
  })
  const reader = new TagReader((facts) => {
    for (const [entry, known] of facts) told.set(entry, known)
    if (told.has('last')) isOver()
  })
  reader.read(
    [...locations, fixturePath('covered.mp3')].map((location, index) => ({
      entry: index === locations.length ? 'last' : `entry ${index}`,
      location,
    })),
  )
  await over
  await reader.stop()
  return told
}

describe('TagReader', () => {
  it('tells the titles and lengths of files that wait in the queue, and no pictures', async () => {
    const told = await readAll([fixturePath('tone.flac')])
    expect(told.get('entry 0')!.tags).to.include({ title: 'Tone', artist: 'Tutti' })
    expect(told.get('last')!.tags).to.deep.equal({ title: 'Covered' })
    expect(told.get('entry 0')!.durationMs).to.be.greaterThan(100)
  })

  it('opens nothing but files, and says nothing of what says nothing', async () => {
    const told = await readAll(['http://127.0.0.1:1/stream.mp3', 'exec:true', '/no/such/file.mp3', '/', '/dev/zero'])
    expect([...told.keys()]).to.deep.equal(['last'])
  })

  it('tells nothing more once it has been stopped', async () => {
    let told = 0
    const reader = new TagReader((facts) => {
      told += facts.size
    })
    reader.read(Array.from({ length: 10_000 }, (_, n) => ({ entry: `${n}`, location: fixturePath('covered.mp3') })))
    await reader.stop()
    expect(told).to.equal(0)
  })
})
