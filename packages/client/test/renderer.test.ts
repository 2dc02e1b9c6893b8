import type { LocalUs } from '@tutti/clock'
import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import type { PlayoutControl } from '../src/control.js'
import { MediaRing } from '../src/media-ring.js'
import type { Plan, Segment } from '../src/plan.js'
import { Renderer } from '../src/renderer.js'

const frames = 480
const period = { frames, heardAt: 0 as LocalUs, queuedFrames: 0, restarted: false }
const loud: PlayoutControl = { clock: undefined, anchor: undefined, gain: 1, outputDelayUs: 0, channelMode: 'stereo' }

const segment = (part: Partial<Segment>): Segment => ({
  offset: 0,
  frames,
  startFrame: 100,
  startRatio: 1,
  endRatio: 1,
  startGain: 1,
  endGain: 1,
  ...part,
})
const planOf = (...segments: Segment[]): Plan => ({ count: segments.length, segments })

/** Plays 0.8 on the left and 0.2 on the right, for ever. */
function rendererOf(channels: number): (plan: Plan, control?: PlayoutControl) => Float32Array[] {
  const ring = MediaRing.allocate(5_000)
  const block = new AudioBuffer({ length: 5_000, sampleRate: 48_000, numberOfChannels: 2 })
  block.getChannelData(0).fill(0.8)
  block.getChannelData(1).fill(0.2)
  ring.append(block)
  const renderer = new Renderer(ring, { sampleRate: 48_000, channels, maxPeriodFrames: frames })
  return (plan, control = loud) => {
    const outputs = Array.from({ length: channels }, () => new Float32Array(frames).fill(Number.NaN))
    renderer.render(plan, period, outputs, control)
    return outputs
  }
}

const all = (value: number) => Array(frames).fill(Math.fround(value))

describe('Renderer', () => {
  it('plays the media of a plan and silence where the plan has none', () => {
    const render = rendererOf(2)
    for (let i = 0; i < 2; i++) render(planOf())
    const [left, right] = render(
      planOf(segment({ frames: 100 }), segment({ offset: 300, frames: 180, startFrame: 900 })),
    )
    const expected = (value: number) => all(value).fill(0, 100, 300)
    expect([...left!]).to.deep.equal(expected(0.8))
    expect([...right!]).to.deep.equal(expected(0.2))
  })

  it('reaches a new volume without a step', () => {
    const render = rendererOf(2)
    const samples = [loud, loud, { ...loud, gain: 0 }, { ...loud, gain: 0.5 }, loud, loud, loud].flatMap((control) => [
      ...render(planOf(segment({})), control)[0]!,
    ])
    for (let i = 1; i < samples.length; i++)
      expect(Math.abs(samples[i]! - samples[i - 1]!)).to.be.at.most(0.8 / 960 + 1e-6)
    expect(samples.at(-1)).to.be.closeTo(0.8, 1e-6)
  })

  it('has finished changing volume when sound returns after silence', () => {
    const render = rendererOf(2)
    for (let i = 0; i < 2; i++) render(planOf(), { ...loud, gain: 0.5 })
    expect(render(planOf(segment({})), { ...loud, gain: 0.5 })[0]![0]).to.be.closeTo(0.4, 1e-6)
  })

  it('plays both sides on a device with one loudspeaker, and nothing stale in pauses', () => {
    const render = rendererOf(1)
    for (let i = 0; i < 2; i++) render(planOf())
    expect(render(planOf(segment({})))[0]![0]).to.be.closeTo(0.5, 1e-6)
    expect([...render(planOf())[0]!]).to.deep.equal(all(0))
  })

  it('leaves the further channels of a surround device silent', () => {
    const render = rendererOf(6)
    for (let i = 0; i < 2; i++) render(planOf())
    const outputs = render(planOf(segment({})))
    expect([...outputs[1]!]).to.deep.equal(all(0.2))
    for (const output of outputs.slice(2)) expect([...output]).to.deep.equal(all(0))
  })
})
