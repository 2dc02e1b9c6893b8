import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import fc from 'fast-check'
import { SampleRateConverter } from '../src/sample-rate-converter.js'

function sine(frequency: number, sampleRate: number, frames: number): AudioBuffer {
  const block = new AudioBuffer({ length: frames, sampleRate, numberOfChannels: 1 })
  const samples = block.getChannelData(0)
  for (let i = 0; i < frames; i++) samples[i] = 0.9 * Math.sin((2 * Math.PI * frequency * i) / sampleRate)
  return block
}

/** Signal over everything else, in dB, against the sine that should be there: gain and phase errors count too. */
function sinad(output: Float32Array, frequency: number, sampleRate: number): number {
  let signal = 0
  let rest = 0
  for (let i = 4000; i < output.length - 4000; i++) {
    const ideal = 0.9 * Math.sin((2 * Math.PI * frequency * i) / sampleRate)
    signal += ideal ** 2
    rest += (output[i]! - ideal) ** 2
  }
  return 10 * Math.log10(signal / rest)
}

function convertAll(input: AudioBuffer, toRate: number, cuts: readonly number[]): Float32Array {
  const converter = new SampleRateConverter(input.sampleRate, toRate, 1)
  const parts: Float32Array[] = []
  const samples = input.getChannelData(0)
  for (let from = 0, i = 0; from < input.length; i++) {
    const length = Math.min(cuts[i % cuts.length]!, input.length - from)
    const block = new AudioBuffer({ length, sampleRate: input.sampleRate, numberOfChannels: 1 })
    block.getChannelData(0).set(samples.subarray(from, from + length))
    parts.push(samplesOf(converter.convert(block)))
    from += length
  }
  parts.push(samplesOf(converter.finish()))
  return Float32Array.from(parts.flatMap((part) => [...part]))
}

function samplesOf(block: AudioBuffer | undefined): Float32Array {
  return block?.getChannelData(0) ?? new Float32Array()
}

describe('SampleRateConverter', () => {
  for (const [fromRate, toRate] of [
    [44_100, 48_000],
    [48_000, 44_100],
    [96_000, 48_000],
    [22_050, 48_000],
  ] as const) {
    for (const frequency of [997, 9973, 17_989].filter((f) => f < 0.41 * Math.min(fromRate, toRate))) {
      it(`keeps ${frequency} Hz from ${fromRate} to ${toRate} Hz to within -100 dB, in time, level and purity`, () => {
        const output = convertAll(sine(frequency, fromRate, fromRate / 2), toRate, [2400])
        expect(sinad(output, frequency, toRate)).to.be.above(100)
      })
    }
  }

  it('keeps out what the lower rate cannot carry', () => {
    const output = convertAll(sine(30_000, 96_000, 48_000), 48_000, [2400])
    const peak = output.subarray(4000, -4000).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
    expect(20 * Math.log10(peak)).to.be.below(-95)
  })

  it('gives the same samples however the input is cut, and exactly as many as the time lasts', () => {
    const input = sine(1000, 44_100, 5000)
    const whole = convertAll(input, 48_000, [5000])
    expect(whole.length).to.equal(Math.ceil((5000 * 48_000) / 44_100))
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 8 }), (cuts) => {
        expect(convertAll(input, 48_000, cuts)).to.deep.equal(whole)
      }),
      { numRuns: 20 },
    )
  })

  it('begins anew after the end and after a reset', () => {
    const converter = new SampleRateConverter(44_100, 48_000, 1)
    const block = sine(440, 44_100, 1000)
    const first = [...samplesOf(converter.convert(block))]
    converter.finish()
    expect([...samplesOf(converter.convert(block))]).to.deep.equal(first)
    converter.reset()
    expect([...samplesOf(converter.convert(block))]).to.deep.equal(first)
  })
})
