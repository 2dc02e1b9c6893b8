/** The whole of the audio thread on a virtual card in virtual time, judged by the samples that leave the speaker. */
import type { LocalUs, ServerUs } from '@tutti/clock'
import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import type { PlayoutControl } from '../src/control.js'
import { MediaRing } from '../src/media-ring.js'
import { SeededRandom } from '../src/node/outputs/seeded-random.js'
import { Renderer } from '../src/renderer.js'
import { Speaker } from '../src/speaker.js'
import { VirtualCard } from '../src/virtual-card.js'

const sampleRate = 48_000
const bufferFrames = 2_880
const hertz = 1_000
const amplitude = 0.5
const startAtUs = 1_000_000

/** A tone whose phase tells the time on the server's clock, which here is true time. */
function toneRing(seconds: number): MediaRing {
  const length = seconds * sampleRate
  const block = new AudioBuffer({ length, sampleRate, numberOfChannels: 2 })
  for (let i = 0; i < length; i++)
    block.getChannelData(0)[i] = amplitude * Math.sin((2 * Math.PI * hertz * i) / sampleRate)
  block.getChannelData(1).set(block.getChannelData(0))
  const ring = MediaRing.allocate(length)
  ring.append(block)
  return ring
}

const playing: PlayoutControl = {
  clock: { localAt: 0 as LocalUs, serverAt: 0 as ServerUs, driftPpm: 0, errorBoundUs: 0, errorGrowthPpm: 0 },
  clockSigmaUs: 0,
  anchor: { epoch: 1, frame: 0, serverAt: startAtUs as ServerUs, sampleRate },
  gain: 1,
  outputDelayUs: 0,
  channelMode: 'stereo',
}

interface Heard {
  readonly samples: Float32Array
  readonly atUs: Float64Array
}

/** Everything heard on the left, and when, on a card so many ppm fast that asks for `periodFrames` at a time. */
function listen(
  ppm: number,
  seconds: number,
  controlAt: (trueUs: number) => PlayoutControl,
  media = toneRing(seconds),
  periodFrames = 480,
): Heard {
  const card = new VirtualCard({ sampleRate, ppm, bufferFrames, delayNoiseUs: 30 }, new SeededRandom(7))
  let now = 0
  const speaker = new Speaker({
    sampleRate,
    media,
    renderer: new Renderer(media, { sampleRate, channels: 2, maxPeriodFrames: periodFrames }),
    readControl: () => controlAt(now),
    writeTelemetry: () => {},
  })
  const periods = (seconds * sampleRate) / periodFrames
  const heard = { samples: new Float32Array(periods * periodFrames), atUs: new Float64Array(periods * periodFrames) }
  const right = new Float32Array(periodFrames)
  card.write(bufferFrames, now)
  for (let period = 0; period < periods; period++) {
    now = card.freeAtUs(periodFrames, now)! + 1
    const heardAt = (now + (card.reportDelayFrames(now) * 1e6) / sampleRate) as LocalUs
    const from = period * periodFrames
    const left = heard.samples.subarray(from, from + periodFrames)
    speaker.render({ frames: periodFrames, heardAt, queuedFrames: 0, restarted: period === 0 }, [left, right])
    const trueUs = card.nextHeardAtUs(now)!
    for (let i = 0; i < periodFrames; i++) heard.atUs[from + i] = trueUs + (i * 1e6) / (sampleRate * (1 + ppm * 1e-6))
    card.write(periodFrames, now)
  }
  return heard
}

/** How late the tone is heard, µs, and how loud, over the frames from `from` on. */
function measure({ samples, atUs }: Heard, from: number): { lateUs: number; level: number } {
  let inPhase = 0
  let quadrature = 0
  for (let i = from; i < samples.length; i++) {
    const phase = 2 * Math.PI * hertz * (atUs[i]! - startAtUs) * 1e-6
    inPhase += samples[i]! * Math.sin(phase)
    quadrature += samples[i]! * Math.cos(phase)
  }
  const radians = Math.atan2(-quadrature, inPhase)
  return {
    lateUs: (radians * 1e6) / (2 * Math.PI * hertz),
    level: (2 * Math.hypot(inPhase, quadrature)) / (samples.length - from),
  }
}

const loudestStep = ({ samples }: Heard) =>
  samples.reduce((most, sample, i) => (i === 0 ? 0 : Math.max(most, Math.abs(sample - samples[i - 1]!))), 0)

/** Of the tone itself, and of the steepest fade on top of it. */
const toneStep = (2 * Math.PI * hertz * amplitude) / sampleRate
const fadeStep = amplitude / 240

describe('Speaker with real samples', () => {
  for (const ppm of [-80, 0, 80])
    it(`is heard within 25 µs of the timeline, at full level and without a click, on a card ${ppm} ppm fast`, () => {
      const heard = listen(ppm, 6, () => playing)
      const { lateUs, level } = measure(heard, 4 * sampleRate)
      // Half a frame and 5 µs are in the delay the card reports: whole frames, and 60 ms of them at the nominal rate.
      expect(Math.abs(lateUs)).to.be.below(25)
      expect(level).to.be.closeTo(amplitude, 1e-4)
      expect(loudestStep(heard)).to.be.at.most(toneStep + fadeStep)
    })

  for (const periodFrames of [480, 144])
    it(`does not click where its media ends, in periods of ${periodFrames} frames`, () => {
      // Wherever in a period and in a wave that is.
      for (const beyondFrames of [0, 101, 217, 333, 449]) {
        const heard = listen(0, 2.4, () => playing, toneRing(1 + beyondFrames / sampleRate), periodFrames)
        expect(loudestStep(heard)).to.be.at.most(toneStep + amplitude / Math.min(240, periodFrames))
        expect(heard.samples.at(-1)).to.equal(0)
        const endsAt = heard.atUs[heard.samples.findLastIndex((sample) => sample !== 0)]!
        const mediaEndsAt = startAtUs + 1e6 + (beyondFrames * 1e6) / sampleRate
        expect(endsAt - mediaEndsAt).to.be.within(-10_000, 5_000)
      }
    })

  it('does not click when muted, panned, cut off or moved on the timeline', () => {
    const later = { ...playing.anchor!, epoch: 2, serverAt: (startAtUs + 12_345) as ServerUs }
    const heard = listen(40, 4, (trueUs) => {
      const control = { ...playing }
      if (trueUs > 1_500_000) Object.assign(control, { channelMode: 'left' })
      if (trueUs > 1_800_000 && trueUs < 2_000_000) Object.assign(control, { gain: 0 })
      if (trueUs > 2_300_000) Object.assign(control, { anchor: later })
      if (trueUs > 3_000_000) Object.assign(control, { anchor: undefined })
      return control
    })
    expect(loudestStep(heard)).to.be.at.most(toneStep + fadeStep)
    const levelBetween = (fromUs: number, toUs: number) =>
      heard.samples.reduce(
        (most, sample, i) =>
          heard.atUs[i]! > fromUs && heard.atUs[i]! < toUs ? Math.max(most, Math.abs(sample)) : most,
        0,
      )
    expect(levelBetween(1_600_000, 1_750_000)).to.be.closeTo(amplitude, 1e-3)
    expect(levelBetween(1_900_000, 2_000_000)).to.equal(0)
    expect(levelBetween(2_500_000, 2_900_000)).to.be.closeTo(amplitude, 1e-3)
    expect(levelBetween(3_100_000, 4_000_000)).to.equal(0)
  })
})
