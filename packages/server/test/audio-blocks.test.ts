import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import { audioBlocks } from '../src/audio-blocks.js'

const blocks = audioBlocks(48_000, 2)

function constant(value: number, length: number): AudioBuffer {
  const block = new AudioBuffer({ length, sampleRate: 48_000, numberOfChannels: 2 })
  for (let channel = 0; channel < 2; channel++) block.getChannelData(channel).fill(value)
  return block
}

/** The largest step between neighbouring samples. */
function steepest(...parts: readonly AudioBuffer[]): number {
  const samples = parts.flatMap((part) => [...part.getChannelData(1)])
  return samples.slice(1).reduce((most, sample, i) => Math.max(most, Math.abs(sample - samples[i]!)), 0)
}

describe('audioBlocks', () => {
  it('makes silence of the length asked for', () => {
    const silence = blocks.silence(480, undefined)
    expect(silence).to.include({ length: 480, numberOfChannels: 2, sampleRate: 48_000 })
    expect(silence.getChannelData(0).every((sample) => sample === 0)).to.equal(true)
  })

  it('goes from loud audio to silence and back without a click', () => {
    const loud = constant(1, 960)
    const silence = blocks.silence(960, loud)
    expect(silence.getChannelData(0)[959]).to.equal(0)
    // A raised cosine over 240 frames is never steeper than pi / 480.
    expect(steepest(loud, silence)).to.be.below(0.007)
    expect(steepest(silence, blocks.join!(loud, 0, undefined))).to.be.below(0.007)
    expect(loud.getChannelData(0)[0]).to.equal(1)
  })

  it('goes from one loud thing to another without a click, however short the blocks', () => {
    const before = constant(1, 100)
    const after = Array.from({ length: 50 }, (_, i) => blocks.join!(constant(-1, 10), 10 * i, before))
    expect(steepest(before, ...after)).to.be.below(0.014)
    expect(after.every((block) => block.length === 10)).to.equal(true)
    expect(after.at(-1)!.getChannelData(0)[9]).to.equal(-1)
  })

  it('copes with blocks shorter than a fade', () => {
    expect(blocks.silence(10, constant(1, 10)).length).to.equal(10)
  })

  it('takes frames off the front of a block', () => {
    const block = constant(0, 100)
    block.getChannelData(0)[40] = 0.5
    const rest = blocks.without(block, 40)
    expect(rest.length).to.equal(60)
    expect(rest.getChannelData(0)[0]).to.equal(0.5)
  })
})
