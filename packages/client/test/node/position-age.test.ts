import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { PositionAge } from '../../src/node/outputs/alsa/position-age.js'
import { SeededRandom } from '../../src/node/outputs/seeded-random.js'

const sampleRate = 48_000

/** Reads a position that moves `burst` frames at a time, `apartUs` apart and up to half so much more; age minus what it was said to be, in frames. */
function misjudged(burst: number, apartUs: number, age = new PositionAge(sampleRate)): readonly number[] {
  const random = new SeededRandom(1)
  const errors: number[] = []
  for (let atUs = 0; atUs < 20e6; atUs += apartUs * (1 + random.uniform() / 2)) {
    const exact = (atUs * sampleRate) / 1e6
    const position = Math.floor(exact / burst) * burst
    errors.push(exact - position - age.read(position, atUs as LocalUs))
  }
  return errors
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('PositionAge', () => {
  for (const burst of [1, 48, 256])
    for (const apartUs of [700, 5_000, 20_000])
      it(`is right on average for a position that moves ${burst} at a time, read every ${apartUs / 1000} ms or so`, () => {
        const errors = misjudged(burst, apartUs).slice(200)
        expect(meanOf(errors)).to.be.within(-0.06 * burst - 0.05, 0.06 * burst + 0.05)
        expect(Math.max(...errors.map(Math.abs))).to.be.at.most(burst)
      })

  for (const packetMs of [1, 5])
    for (const apartUs of [700, 5_000, 20_000])
      it(`is right on average for packets of ${packetMs} ms at 44.1 kHz, of 44 or 45 frames a millisecond, read every ${apartUs / 1000} ms or so`, () => {
        const random = new SeededRandom(3)
        const age = new PositionAge(44_100)
        const errors: number[] = []
        for (let atUs = 0; atUs < 20e6; atUs += apartUs * (1 + random.uniform() / 2)) {
          const exact = atUs * 0.0441
          const position = Math.floor(Math.floor(atUs / 1000 / packetMs) * packetMs * 44.1)
          errors.push(exact - position - age.read(position, atUs as LocalUs))
        }
        expect(age.burstFrames).to.equal(44.1 * packetMs)
        expect(meanOf(errors.slice(200))).to.be.within(-0.06 * 44.1 * packetMs - 0.5, 0.06 * 44.1 * packetMs + 0.5)
      })

  it('takes a position for exact that is, or that jitters', () => {
    const age = new PositionAge(sampleRate)
    const random = new SeededRandom(2)
    for (let ms = 0; ms < 5000; ms += 5)
      expect(age.read(ms * 48 + Math.round(random.uniform() * 48), (ms * 1000) as LocalUs)).to.equal(0.5)
  })

  it('learns anew after a restart', () => {
    const age = new PositionAge(sampleRate)
    misjudged(256, 5_000, age)
    age.restart()
    expect(age.read(0, 0 as LocalUs)).to.equal(0.5)
  })
})
