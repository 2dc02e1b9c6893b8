import { expect } from 'chai'
import { type Alignment, alignRecordings } from '../src/alignment.js'
import { mixMusic } from '../src/music.js'

const sampleRate = 48_000

/** The built-in music in mono, from a bar with everything in it. */
function recordMusic(seconds: number): Float32Array {
  const left = new Float32Array(seconds * sampleRate)
  const right = new Float32Array(seconds * sampleRate)
  mixMusic(60 * sampleRate, [left, right])
  return left.map((sample, i) => (sample + right[i]!) / 2)
}

/** What a recorder hears whose sample i is the signal at `positionOf(i)`; 32-point windowed sinc. */
function resampleAt(signal: Float32Array, length: number, positionOf: (i: number) => number): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    const position = positionOf(i)
    const centre = Math.floor(position)
    let sum = 0
    for (let k = centre - 15; k <= centre + 16; k++) {
      const x = position - k
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
      if (k >= 0 && k < signal.length) sum += signal[k]! * sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / 17))
    }
    return sum
  })
}

function align(first: Float32Array, second: Float32Array): Alignment {
  const found = alignRecordings(first, second, sampleRate, { searchS: 3 })
  expect(found).to.not.equal(undefined)
  return found!
}

describe('alignRecordings', () => {
  const music = recordMusic(10)

  it('finds a recording in step with itself', () => {
    const found = align(music, music)
    expect(found.offsetUs).to.be.closeTo(0, 0.01)
    expect(found.driftPpm).to.be.closeTo(0, 0.01)
    expect(found.correlation).to.be.above(0.9999)
    expect(found).to.include({ gaps: 0, comparedS: 8, skippedS: 2 })
  })

  for (const offsetSamples of [0.25, -0.5, 17.37, -12_345.6, 96_000]) {
    it(`finds ${offsetSamples} samples of offset to half a microsecond`, () => {
      const found = align(
        music,
        resampleAt(music, music.length, (i) => i - offsetSamples),
      )
      expect(found.offsetUs).to.be.closeTo((offsetSamples / sampleRate) * 1e6, 0.5)
    })
  }

  it('finds a drift of 80 ppm, and the offset at the middle of what was compared', () => {
    const ppm = 80
    const long = recordMusic(14)
    const found = align(
      long,
      resampleAt(long, long.length, (i) => i / (1 + ppm * 1e-6) - 480),
    )
    expect(found.driftPpm).to.be.closeTo(ppm, 0.2)
    expect(found.offsetUs).to.be.closeTo(10_000 + 7 * ppm, 10)
    expect(found.deviationUs.p95).to.be.below(ppm / 10) // each second is smeared over 80 µs
  })

  it('is not misled by noise 20 dB below the music', () => {
    let state = 1
    const noisy = resampleAt(music, music.length, (i) => i - 100.5).map((sample) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
      return sample + 0.02 * (state / 2 ** 31)
    })
    const found = align(music, noisy)
    expect(found.offsetUs).to.be.closeTo((100.5 / sampleRate) * 1e6, 5)
    expect(found.correlation).to.be.within(0.9, 0.999)
  })

  it('counts gaps, but not silences both recordings share', () => {
    const first = Float32Array.from(music)
    first.fill(0, 3 * sampleRate, 3.2 * sampleRate)
    const second = resampleAt(first, first.length, (i) => i - 960)
    for (const at of [5, 8]) second.fill(0, at * sampleRate, (at + 0.02) * sampleRate)
    expect(align(first, second).gaps).to.equal(2)
  })

  it('says nothing about recordings of different things, and of nothing', () => {
    let state = 7
    const noise = music.map(() => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
      return state / 2 ** 32
    })
    expect(alignRecordings(music, noise, sampleRate, { searchS: 3 })).to.equal(undefined)
    expect(alignRecordings(music, new Float32Array(music.length), sampleRate, { searchS: 3 })).to.equal(undefined)
    expect(alignRecordings(new Float32Array(0), music, sampleRate, { searchS: 3 })).to.equal(undefined)
  })
})
