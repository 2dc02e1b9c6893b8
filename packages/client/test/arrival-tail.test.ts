import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { ArrivalTail } from '../src/arrival-tail.js'

const chunkMs = 20
const assumedUs = 300_000

/** Chunks sent 400 ms ahead, each so late as `lateMs` says of the moment it was sent. */
function feed(tail: ArrivalTail, fromS: number, toS: number, lateMs: (atMs: number) => number, aheadMs = 400): void {
  let lastAtMs = 0
  for (let sentMs = fromS * 1000; sentMs < toS * 1000; sentMs += chunkMs) {
    lastAtMs = Math.max(lastAtMs, sentMs + lateMs(sentMs))
    tail.arrived((sentMs + aheadMs - lastAtMs) * 1000, (lastAtMs * 1000) as LocalUs)
  }
}

describe('ArrivalTail', () => {
  it('keeps what it was told to assume for three minutes, then says what it saw', () => {
    const tail = new ArrivalTail(2e6, assumedUs)
    feed(tail, 0, 160, (atMs) => atMs % 7)
    expect(tail.assumedUs).to.equal(assumedUs)
    expect(tail.seenUs).to.equal(undefined)
    feed(tail, 160, 200, (atMs) => atMs % 7)
    expect(tail.assumedUs).to.equal(0)
    expect(tail.seenUs).to.be.within(5_900, 6_100)
  })

  it('assumes no more than three times what half a minute has shown, nor less than it was told', () => {
    for (const [lateMs, expectedUs] of [
      [20, 100_000],
      [50, 150_000],
      [120, assumedUs],
    ] as const) {
      const tail = new ArrivalTail(2e6, assumedUs, 100_000)
      const late = (atMs: number): number => (atMs % 1000 === 0 ? lateMs : 0)
      feed(tail, 0, 29, late)
      expect(tail.assumedUs).to.equal(assumedUs)
      feed(tail, 29, 40, late)
      expect(tail.assumedUs).to.be.closeTo(expectedUs, 1)
    }
  })

  it('grows with the first late chunk, and forgets it after three minutes', () => {
    const tail = new ArrivalTail(2e6, 0)
    feed(tail, 0, 60, () => 0)
    feed(tail, 60, 61, () => 50)
    expect(tail.lateUs).to.be.closeTo(50_000, 1)
    feed(tail, 61, 220, () => 0)
    expect(tail.lateUs).to.be.closeTo(50_000, 1)
    feed(tail, 220, 260, () => 0)
    expect(tail.lateUs).to.equal(0)
  })

  it('believes what is far worse than all else when it happens again', () => {
    const tail = new ArrivalTail(2e6, 0)
    feed(tail, 0, 30, () => 30)
    feed(tail, 30, 31, (atMs) => (atMs < 30_020 ? 30 : 930))
    feed(tail, 31, 60, (atMs) => 30 + 30 * Number(atMs % 1000 === 0))
    expect(tail.lateUs).to.be.closeTo(90_000, 1)
    feed(tail, 60, 61, () => 930)
    expect(tail.lateUs).to.be.closeTo(900_000, 1)
  })

  it('learns nothing from an outage longer than a buffer could be, down to its last late chunk', () => {
    const tail = new ArrivalTail(2e6, 0)
    feed(tail, 0, 30, () => 1)
    feed(tail, 30, 60, (atMs) => Math.max(1, 34_000 - atMs))
    expect(tail.lateUs).to.be.below(20_001)
  })

  it('takes a lead that the server bends for no lateness of the network', () => {
    const tail = new ArrivalTail(2e6, 0)
    for (let atMs = 0; atMs < 300_000; atMs += chunkMs)
      tail.arrived((900 - atMs * 1e-3) * 1000, (atMs * 1000) as LocalUs)
    expect(tail.lateUs).to.be.below(10_100) // ten seconds of a thousandth
  })

  it('is not misled by what the server sends early once', () => {
    const tail = new ArrivalTail(2e6, 0)
    feed(tail, 0, 20, () => 1)
    for (let atMs = 20_000; atMs < 20_020; atMs += 2) tail.arrived(500_000, (atMs * 1000) as LocalUs)
    feed(tail, 20.02, 60, () => 1)
    expect(tail.lateUs).to.equal(0)
  })

  it('does not compare what is sent after a restart with what was sent before it', () => {
    const tail = new ArrivalTail(2e6, 0)
    feed(tail, 0, 10, () => 0, 1500)
    tail.restart()
    feed(tail, 10, 20, () => 0, 100)
    expect(tail.lateUs).to.equal(0)
  })
})
