import { expect } from 'chai'
import { inspectFile } from '../../src/node/source/audio-kind.js'
import { oggDurationMs } from '../../src/node/source/ogg-duration.js'
import { fixturePath } from './fixtures.js'

describe('oggDurationMs', () => {
  for (const file of ['tone-opus.ogg', 'tone-vorbis.ogg']) {
    it(`reads from the last page that ${file} lasts 1.2 s`, async () => {
      expect(await oggDurationMs(await inspectFile(fixturePath(file)))).to.equal(1200)
    })
  }

  it('knows nothing of a file whose end is missing, or that is not Ogg', async () => {
    const file = await inspectFile(fixturePath('tone-opus.ogg'))
    expect(await oggDurationMs({ ...file, path: fixturePath('tone.mp3') })).to.equal(undefined)
    expect(await oggDurationMs(await inspectFile(fixturePath('tone.mp3')))).to.equal(undefined)
  })
})
