import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import { mapChannels } from '../src/channel-map.js'

function blockOf(...channels: readonly number[]): AudioBuffer {
  const block = new AudioBuffer({ length: 2, sampleRate: 48_000, numberOfChannels: channels.length })
  for (const [channel, value] of channels.entries()) block.getChannelData(channel).fill(value)
  return block
}

function mapped(channels: readonly number[], to: number): readonly number[] {
  const block = mapChannels(blockOf(...channels), to)
  return Array.from({ length: to }, (_, channel) => Number(block.getChannelData(channel)[1]!.toFixed(4)))
}

describe('mapChannels', () => {
  it('leaves a block that fits alone', () => {
    const block = blockOf(0.1, 0.2)
    expect(mapChannels(block, 2)).to.equal(block)
  })

  it('plays mono on both sides and stereo as its mean', () => {
    expect(mapped([0.5], 2)).to.deep.equal([0.5, 0.5])
    expect(mapped([0.5, -0.1], 1)).to.deep.equal([0.2])
  })

  it('puts the centre on both sides and each surround on its own, and leaves the bass channel out', () => {
    expect(mapped([0, 0, 1, 0, 0, 0], 2)).to.deep.equal([0.2929, 0.2929])
    expect(mapped([1, 0, 0, 1, 0, 0], 2)).to.deep.equal([0.4142, 0])
    expect(mapped([0, 0, 0, 0, 1, 0], 2)).to.deep.equal([0.2929, 0])
  })

  it('never gets louder than full scale, whatever the channel count', () => {
    for (let count = 1; count <= 10; count++) {
      for (const to of [1, 2]) {
        for (const value of mapped(Array(count).fill(1), to)) expect(value).to.be.at.most(1)
      }
    }
  })
})
