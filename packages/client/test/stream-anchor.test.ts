import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import fc from 'fast-check'
import { StreamAnchor } from '../src/stream-anchor.js'

const at = (us: number) => us as ServerUs
const startsAt = 123_456_789

/** Adds chunks whose timestamps `stamp` makes from the number of frames before them; returns where it would put each. */
function follow(
  anchor: StreamAnchor,
  { chunks, frames, sampleRate }: { chunks: number; frames: number; sampleRate: number },
  stamp: (chunk: number) => number,
  look: (chunk: number, predictedAt: number) => void,
): void {
  anchor.restart(0, at(stamp(0)), sampleRate)
  for (let chunk = 0; chunk < chunks; chunk++) {
    if (anchor.gapFrames(at(stamp(chunk))) !== 0) throw new Error(`chunk ${chunk} does not continue the one before`)
    look(chunk, anchor.endsAt)
    anchor.add(at(stamp(chunk)), frames)
  }
}

describe('StreamAnchor', () => {
  it('is never 1 µs off over a day of a server that counts samples, at a rate that divides no second', () => {
    const anchor = new StreamAnchor(1_000)
    const frames = 4608 // a FLAC frame
    const sampleRate = 44_100
    const exact = (chunk: number) => startsAt + (chunk * frames * 1e6) / sampleRate
    let worstUs = 0
    follow(
      anchor,
      { chunks: Math.ceil((86_400 * sampleRate) / frames), frames, sampleRate },
      (chunk) => Math.round(exact(chunk)),
      (chunk, predictedAt) => {
        worstUs = Math.max(worstUs, Math.abs(predictedAt - exact(chunk)))
        if (chunk % 1000 !== 999) return
        const { serverAt, frame, sampleRate: rate } = anchor.toAnchor()
        const viaAnchor = serverAt + ((chunk * frames - frame) * 1e6) / rate
        worstUs = Math.max(worstUs, Math.abs(viaAnchor - exact(chunk)))
      },
    )
    expect(worstUs).to.be.below(1)
  })

  it('follows a server that adds up durations rounded down, without a lag, a hole or a step', () => {
    const anchor = new StreamAnchor(1_000)
    const sampleRate = 44_100
    const frames = 1103 // 25 ms as some servers cut it, 25 011.3 µs, said to last 25 000: 454 ppm
    let settledUs = 0
    let worstUs = 0
    let worstStepUs = 0
    let before: number | undefined
    follow(
      anchor,
      { chunks: 144_000, frames, sampleRate }, // an hour, in which the two drift 1.6 s apart
      (chunk) => startsAt + chunk * 25_000,
      (chunk, predictedAt) => {
        const errorUs = Math.abs(predictedAt - (startsAt + chunk * 25_000))
        worstUs = Math.max(worstUs, errorUs)
        if (chunk > 800) settledUs = Math.max(settledUs, errorUs)
        if (before !== undefined) worstStepUs = Math.max(worstStepUs, Math.abs(predictedAt - before - 25_011.3))
        before = predictedAt
      },
    )
    expect(worstUs).to.be.below(200)
    expect(settledUs).to.be.below(0.01)
    expect(worstStepUs).to.be.below(25) // 0.1 % of a chunk: 1.7 cent while it catches up
    expect(anchor.ppm).to.be.closeTo(453.5, 0.5)
  })

  it('keeps the speed it learnt when a timestamp is off by almost the tolerance', () => {
    const anchor = new StreamAnchor(1_000)
    anchor.restart(0, at(0), 48_000)
    for (let chunk = 0; chunk < 100; chunk++) {
      anchor.add(at(chunk * 20_000 + (chunk === 50 ? 999 : 0)), 960)
      expect(Math.abs(anchor.ppm)).to.be.below(60)
    }
  })

  it('tells holes and overlaps in frames', () => {
    const anchor = new StreamAnchor(1_000)
    anchor.restart(0, at(0), 48_000)
    anchor.add(at(0), 960)
    expect(anchor.gapFrames(at(21_000))).to.equal(0)
    expect(anchor.gapFrames(at(19_000))).to.equal(0)
    expect(anchor.gapFrames(at(40_000))).to.equal(960)
    expect(anchor.gapFrames(at(10_000))).to.equal(-480)
  })

  it('stays tied to time through a hole', () => {
    const anchor = new StreamAnchor(1_000)
    anchor.restart(1_000, at(0), 48_000)
    anchor.add(at(0), 960)
    anchor.advance(anchor.gapFrames(at(100_000)))
    anchor.add(at(100_000), 960)
    expect(anchor.endFrame).to.equal(1_000 + 120 * 48)
    expect(anchor.endsAt).to.be.closeTo(120_000, 1)
    expect(anchor.frameAt(at(100_000))).to.be.closeTo(1_000 + 4_800, 0.01)
  })

  it('bounds the speed, whatever a server says', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ off: fc.integer({ min: -1_000, max: 1_000 }), frames: fc.integer({ min: 1, max: 8_000 }) }),
        ),
        (chunks) => {
          const anchor = new StreamAnchor(1_000)
          anchor.restart(0, at(0), 44_100)
          for (const { off, frames } of chunks) {
            anchor.add(at(anchor.endsAt + off), frames)
            expect(Math.abs(anchor.ppm)).to.be.below(1_001.1)
          }
        },
      ),
    )
  })

  it('begins a new epoch where it is told, and forgets the speed of the old', () => {
    const anchor = new StreamAnchor(1_000)
    anchor.restart(0, at(0), 44_100)
    for (let chunk = 0; chunk < 100; chunk++) anchor.add(at(chunk * 20_000 + chunk * 5), 882)
    anchor.restart(88_200, at(5_000_000), 48_000)
    expect(anchor.toAnchor()).to.deep.equal({ epoch: 2, frame: 88_200, serverAt: 5_000_000, sampleRate: 48_000 })
    expect(anchor.ppm).to.be.closeTo(0, 1e-6)
  })
})
