import { expect } from 'chai'
import { ChannelMix } from '../src/channel-mix.js'
import { type ChannelMode, channelModes } from '../src/control.js'

const left = 0.8
const right = 0.2

function run(mix: ChannelMix, mode: ChannelMode, frames = 480): [Float32Array, Float32Array] {
  const outputs: [Float32Array, Float32Array] = [
    new Float32Array(frames).fill(left),
    new Float32Array(frames).fill(right),
  ]
  mix.apply(outputs[0], outputs[1], frames, mode)
  return outputs
}

const heard: Record<ChannelMode, [number, number]> = {
  stereo: [left, right],
  left: [left, left],
  right: [right, right],
  mono: [0.5, 0.5],
}

describe('ChannelMix', () => {
  for (const mode of channelModes)
    it(`plays the right thing on either side in ${mode} mode`, () => {
      const mix = new ChannelMix(48_000, 2)
      run(mix, mode, 960)
      const outputs = run(mix, mode)
      outputs.forEach((samples, side) => {
        for (const sample of samples) expect(sample).to.be.closeTo(heard[mode][side]!, 1e-6)
      })
    })

  it('plays the mean of both sides on a device with one loudspeaker', () => {
    expect(run(new ChannelMix(48_000, 1), 'stereo')[0][0]).to.be.closeTo(0.5, 1e-6)
  })

  it('changes modes without a step, even when changed again half-way', () => {
    const mix = new ChannelMix(48_000, 2)
    const modes: ChannelMode[] = [
      'stereo',
      'left',
      'right',
      'right',
      'mono',
      'mono',
      'mono',
      'stereo',
      'stereo',
      'stereo',
    ]
    for (const side of [0, 1]) {
      const samples = modes.flatMap((mode) => [...run(mix, mode)[side]!])
      for (let i = 1; i < samples.length; i++)
        expect(Math.abs(samples[i]! - samples[i - 1]!)).to.be.at.most(0.6 / 960 + 1e-6)
    }
  })
})
