import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import fc from 'fast-check'
import { arrivals, JitterBuffer, jitterBufferDefaults } from '../src/jitter-buffer.js'

const at = (us: number) => us as ServerUs
const buffer = (changes: Partial<typeof jitterBufferDefaults> = {}) =>
  new JitterBuffer<number>({ ...jitterBufferDefaults, ...changes }, (bytes) => bytes)

/** Everything held, first to last. */
function drain(held: JitterBuffer<number>): number[] {
  const timestamps: number[] = []
  while (held.length > 0) {
    timestamps.push(held.timestampAt(0))
    held.shift()
  }
  return timestamps
}

describe('JitterBuffer', () => {
  it('hands chunks out in the order they are due', () => {
    const held = buffer()
    expect(held.push(at(20_000), 1, 0, undefined)).to.equal('queued')
    expect(held.push(at(60_000), 1, 0, undefined)).to.equal('queued')
    expect(held.push(at(40_000), 1, 0, undefined)).to.equal('reordered')
    expect(held.spanUs).to.equal(40_000)
    expect(drain(held)).to.deep.equal([20_000, 40_000, 60_000])
  })

  it('keeps the first of two chunks for one instant', () => {
    const held = buffer()
    held.push(at(0), 100, 0, undefined)
    expect(held.push(at(0), 200, 0, undefined)).to.equal('duplicate')
    expect(held.bytes).to.equal(100)
  })

  it('remembers the stream of each chunk', () => {
    const held = buffer()
    held.push(at(20_000), 1, 7, undefined)
    held.push(at(0), 1, 6, undefined)
    expect([held.streamAt(0), held.streamAt(1)]).to.deep.equal([6, 7])
  })

  it('refuses what is wholly past and what is an hour ahead, once it knows the time', () => {
    const held = buffer()
    const now = at(3_600_000_000)
    expect(held.push(at(now - 150_000), 1, 0, now)).to.equal('late')
    expect(held.push(at(now - 149_999), 1, 0, now)).to.equal('queued')
    expect(held.push(at(now + 3_600_000_000), 1, 0, now)).to.equal('early')
    expect(held.push(at(now + 3_600_000_000), 1, 0, undefined)).to.equal('queued')
  })

  it('starts anew when the timeline jumps back', () => {
    const held = buffer()
    for (let n = 0; n < 10; n++) held.push(at(100_000_000 + n * 20_000), 1, 0, undefined)
    expect(held.push(at(50_000_000), 1, 0, undefined)).to.equal('rewound')
    expect(drain(held)).to.deep.equal([50_000_000])
  })

  it('leaves out what is due last when it is full', () => {
    const held = buffer({ capacityBytes: 300 })
    held.push(at(0), 100, 0, undefined)
    held.push(at(40_000), 100, 0, undefined)
    held.push(at(60_000), 100, 0, undefined)
    expect(held.push(at(80_000), 100, 0, undefined)).to.equal('overflowed')
    expect(held.push(at(20_000), 100, 0, undefined)).to.equal('reordered')
    expect(held.push(at(10_000), 301, 0, undefined)).to.equal('overflowed')
    expect(drain(held)).to.deep.equal([0, 20_000, 40_000])
  })

  it('drops only what a newer stream replaces', () => {
    const held = buffer()
    for (let n = 0; n < 10; n++) held.push(at(n * 20_000), 1, 0, undefined)
    held.dropFrom(at(100_000))
    expect(held.push(at(100_000), 1, 1, undefined)).to.equal('queued')
    expect(drain(held)).to.deep.equal([0, 20_000, 40_000, 60_000, 80_000, 100_000])
  })

  it('is empty after a clear, and then takes any time for its first chunk', () => {
    const held = buffer()
    held.push(at(100_000_000), 1, 0, undefined)
    held.clear()
    expect([held.length, held.bytes, held.spanUs]).to.deep.equal([0, 0, 0])
    expect(held.push(at(0), 1, 0, undefined)).to.equal('queued')
  })

  it('says so when it is asked for what it does not hold', () => {
    expect(() => buffer().shift()).to.throw(RangeError)
    expect(() => buffer().timestampAt(0)).to.throw(RangeError)
    expect(() => buffer().streamAt(0)).to.throw(RangeError)
  })

  it('never holds too much, never hands an instant out twice, and counts every answer, whatever arrives', () => {
    const chunk = fc.record({
      timestamp: fc.oneof(
        fc.integer({ min: 0, max: 5_000_000 }),
        fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
        fc.integer({ min: 0, max: 100 }).map((n) => n * 20_000),
      ),
      bytes: fc.integer({ min: 0, max: 400 }),
      known: fc.boolean(),
      taken: fc.integer({ min: 0, max: 2 }),
    })
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 400 }), (chunks) => {
        const held = buffer({ capacityBytes: 1_000, capacityChunks: 64 })
        let last = Number.NEGATIVE_INFINITY
        for (const { timestamp, bytes, known, taken } of chunks) {
          const arrival = held.push(at(timestamp), bytes, 0, known ? at(1_000_000) : undefined)
          // What comes before the last one handed out is the anchor's to trim, or a new beginning.
          if (arrival === 'rewound' || timestamp <= last) last = Number.NEGATIVE_INFINITY
          for (let n = 0; n < taken && held.length > 0; n++) {
            expect(held.timestampAt(0)).to.be.greaterThan(last)
            last = held.timestampAt(0)
            held.shift()
          }
          expect(held.bytes).to.be.within(0, 1_000)
          expect(held.length).to.be.within(0, 64)
        }
        expect(arrivals.reduce((sum, arrival) => sum + held.count(arrival), 0)).to.equal(chunks.length)
        const rest = drain(held)
        expect(rest).to.deep.equal([...new Set(rest)].sort((a, b) => a - b))
        expect(held.bytes).to.equal(0)
      }),
    )
  })

  it('keeps its order while it grows and wraps', () => {
    const held = buffer()
    let taken = 0
    for (let n = 0; n < 5_000; n++) {
      held.push(at(n * 20_000), 1, 0, undefined)
      if (n % 3 === 0) {
        expect(held.timestampAt(0)).to.equal(taken * 20_000)
        held.shift()
        taken++
      }
    }
    expect(drain(held)).to.deep.equal(Array.from({ length: 5_000 - taken }, (_, n) => (taken + n) * 20_000))
  })

  it('is not slowed down by a server that counts backwards', () => {
    const held = buffer()
    for (let n = 0; n < 200_000; n++) held.push(at(1e12 - n), 1, 0, undefined)
    expect(held.length).to.be.at.most(66)
  })
})
