import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { PaceDetector } from '../src/live-pace.js'

const bytesPerS = 192_000
const latencyMs = 200
const at = (ms: number): ServerUs => (ms * 1000) as ServerUs

/** The pace found after lumps of `lumpMs`, each `everyMs` after the other, from `fromMs` to `toMs`. */
function feed(detector: PaceDetector, lumpMs: number, everyMs: number, fromMs: number, toMs: number): string {
  for (let ms = fromMs; ms < toMs; ms += everyMs) detector.received(lumpMs, at(ms))
  return detector.pace
}

describe('PaceDetector', () => {
  it('knows a file sent down a pipe within a few milliseconds', () => {
    expect(feed(new PaceDetector(bytesPerS, latencyMs), 341, 1, 0, 6)).to.equal('held')
  })

  it('never takes a crystal that is 1000 ppm fast for a file, in a week', () => {
    expect(feed(new PaceDetector(bytesPerS, latencyMs), 1001, 1000, 0, 7 * 86_400_000)).to.equal('live')
  })

  it('allows what a pipe had stored before we came', () => {
    const detector = new PaceDetector(bytesPerS, latencyMs)
    detector.received(341, at(0))
    detector.received(341, at(1))
    expect(feed(detector, 20, 20, 2, 60_000)).to.equal('live')
  })

  it('allows the backlog of a stall, as much as a pipe holds', () => {
    const detector = new PaceDetector(bytesPerS, latencyMs)
    feed(detector, 20, 20, 0, 10_000)
    expect(feed(detector, 400, 1, 13_000, 13_003)).to.equal('live')
    expect(feed(detector, 20, 20, 13_003, 60_000)).to.equal('live')
  })

  it('thinks again once the source had nothing', () => {
    const detector = new PaceDetector(bytesPerS, latencyMs)
    feed(detector, 341, 1, 0, 6)
    detector.ranDry()
    expect(feed(detector, 20, 20, 1000, 10_000)).to.equal('live')
  })

  it('gives low rates no less than the bytes a pipe holds', () => {
    const detector = new PaceDetector(16_000, latencyMs)
    detector.received(4096, at(0))
    expect(detector.pace).to.equal('live')
  })

  it('takes for given whole what came at once, with nothing after it for longer than is held', () => {
    const detector = new PaceDetector(bytesPerS, latencyMs)
    detector.received(800, at(0))
    expect(detector.isGaining(at(100))).to.equal(true)
    expect(detector.isGaining(at(300))).to.equal(false)
    detector.waiting(at(200))
    expect(detector.pace).to.equal('live')
    detector.waiting(at(201))
    expect(detector.pace).to.equal('held')
  })

  it('takes that back when what follows comes in its own time', () => {
    const detector = new PaceDetector(bytesPerS, latencyMs)
    detector.received(60, at(0))
    detector.waiting(at(500))
    expect(feed(detector, 20, 20, 1000, 2900)).to.equal('held')
    expect(feed(detector, 20, 20, 2900, 3100)).to.equal('live')
  })
})
