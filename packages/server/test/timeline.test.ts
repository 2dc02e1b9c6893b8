import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import fc from 'fast-check'
import { frameAtTime, type Timeline, timeOfFrame } from '../src/timeline.js'

const rates = [8000, 11025, 22050, 32000, 44100, 48000, 88200, 96000, 192000]
const monthS = 31 * 86_400

const timelines = fc.record({
  sampleRate: fc.constantFrom(...rates),
  originFrame: fc.integer({ min: 0, max: 1e11 }),
  originAt: fc.integer({ min: 0, max: 1e13 }),
}) as fc.Arbitrary<Timeline>

describe('Timeline', () => {
  it('places every frame of a month within half a microsecond, at any rate', () => {
    fc.assert(
      fc.property(timelines, fc.double({ min: 0, max: 1, noNaN: true }), (timeline, part) => {
        const frames = Math.floor(part * monthS * timeline.sampleRate)
        const time = BigInt(timeOfFrame(timeline, timeline.originFrame + frames))
        // Twice the error times the rate, in whole numbers: no rounding of our own.
        const error2 =
          2n * ((time - BigInt(timeline.originAt)) * BigInt(timeline.sampleRate) - BigInt(frames) * 1_000_000n)
        expect(error2 <= BigInt(timeline.sampleRate) && error2 >= -BigInt(timeline.sampleRate)).to.equal(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('finds the frame of a frame’s own time', () => {
    fc.assert(
      fc.property(timelines, fc.integer({ min: -1e9, max: 1e11 }), (timeline, frames) => {
        const frame = timeline.originFrame + frames
        expect(frameAtTime(timeline, timeOfFrame(timeline, frame))).to.equal(frame)
      }),
    )
  })

  it('does not drift at 44.1 kHz: after a day of 20 ms packets the error is still below a microsecond', () => {
    const timeline: Timeline = { sampleRate: 44_100, originFrame: 0, originAt: 0 as ServerUs }
    expect(timeOfFrame(timeline, 86_400 * 44_100)).to.equal(86_400e6)
    expect(timeOfFrame(timeline, 86_400 * 44_100 + 1)).to.equal(86_400e6 + 23)
  })
})
