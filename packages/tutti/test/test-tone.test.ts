import { expect } from 'chai'
import { TestTone } from '../src/test-tone.js'

const sampleRate = 48_000

function render(channels: number, frames: number, length = frames): Float32Array[] {
  const samples = Array.from({ length: channels }, () => new Float32Array(frames))
  new TestTone(sampleRate, length).render(samples, frames)
  return samples
}

const isSilent = (samples: Float32Array): boolean => samples.every((sample) => sample === 0)

describe('TestTone', () => {
  it('plays on the left for a second, then on the right', () => {
    const [left, right] = render(2, 2 * sampleRate)
    expect(isSilent(left!.subarray(0, sampleRate))).to.equal(false)
    expect(isSilent(right!.subarray(0, sampleRate))).to.equal(true)
    expect(isSilent(left!.subarray(sampleRate))).to.equal(true)
    expect(isSilent(right!.subarray(sampleRate))).to.equal(false)
  })

  it('plays all of it on a single loudspeaker, and nothing beyond the second', () => {
    const [only] = render(1, 2 * sampleRate)
    expect(isSilent(only!.subarray(sampleRate))).to.equal(false)
    expect(render(8, sampleRate).slice(2).every(isSilent)).to.equal(true)
  })

  it('never steps by more than its steepest slope, and is silent when it is over', () => {
    const steepest = (2 * Math.PI * 660 * 0.1) / sampleRate + 0.1 / (0.02 * sampleRate)
    for (const samples of render(2, 4 * sampleRate, Math.round(2.3 * sampleRate))) {
      const steps = samples.map((sample, i) => Math.abs(sample - (samples[i - 1] ?? 0)))
      expect(steps.every((step) => step < steepest)).to.equal(true)
      expect(isSilent(samples.subarray(2.31 * sampleRate))).to.equal(true)
    }
  })
})
