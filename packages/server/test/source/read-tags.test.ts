import { expect } from 'chai'
import { readTags } from '../../src/node/source/read-tags.js'
import { fixturePath, fixtures } from './fixtures.js'

describe('readTags', () => {
  for (const { file, frames, sampleRate } of fixtures) {
    it(`reads who and what ${file} is, and how long it lasts`, async () => {
      const { tags, durationMs } = await readTags(fixturePath(file))
      expect(tags).to.deep.equal({
        title: 'Tone',
        artist: 'Tutti',
        albumArtist: 'Everyone',
        album: 'Fixtures',
        year: 2026,
        track: 3,
      })
      expect(durationMs).to.be.closeTo((frames * 1000) / sampleRate, 30) // MP3 and M4A count their padding
    })
  }

  it('reads the cover', async () => {
    const { artwork } = (await readTags(fixturePath('covered.mp3'))).tags
    expect(artwork!.mimeType).to.equal('image/png')
    expect([...artwork!.bytes.subarray(1, 4)]).to.deep.equal([...Buffer.from('PNG')])
  })

  it('knows nothing of a file that is not there', async () => {
    expect(await readTags('/no/such/file.mp3')).to.deep.equal({ tags: {}, durationMs: undefined, channels: undefined })
  })
})
