import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import fc from 'fast-check'
import { ChunkLog } from '../src/chunk-log.js'
import { Pacer } from '../src/pacer.js'

const at = (us: number): ServerUs => us as ServerUs
const chunkUs = 20_000

function logOf(count: number, bytes: number | (() => number), startUs = 0): ChunkLog<number> {
  const log = new ChunkLog<number>()
  for (let i = 0; i < count; i++) push(log, i, bytes, startUs)
  return log
}

function push(log: ChunkLog<number>, i: number, bytes: number | (() => number), startUs = 0): void {
  const timestamp = at(startUs + i * chunkUs)
  const size = typeof bytes === 'number' ? bytes : bytes()
  log.push({ timestamp, payload: i, endAt: at(timestamp + chunkUs), bytes: size })
}

/** Bytes in the player's buffer by the letter of the specification. */
function occupied(sent: readonly { endAt: number; bytes: number }[], now: number, delayUs: number): number {
  let sum = 0
  for (let i = sent.length - 1; i >= 0 && sent[i]!.endAt - delayUs > now; i--) sum += sent[i]!.bytes
  return sum
}

describe('Pacer', () => {
  it('never exceeds the player’s buffer and never starves it, whatever its size, delay and packets', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2500, max: 60_000 }),
        fc.integer({ min: 0, max: 400_000 }),
        fc.array(fc.integer({ min: 20, max: 1000 }), { minLength: 20, maxLength: 20 }),
        (capacity, delayUs, sizes) => {
          const leadUs = 600_000
          let next = 0
          const log = logOf(600, () => sizes[next++ % sizes.length]!, leadUs + delayUs)
          const pacer = new Pacer<number>(capacity)
          pacer.setOutputDelay(delayUs)
          pacer.follow(log, at(0))
          const sent: { endAt: number; bytes: number }[] = []
          for (let now = 0; now < 14e6; now += 5000) {
            sent.push(...pacer.take(at(now), at(now + 5e6)))
            const bytes = occupied(sent, now, delayUs)
            if (bytes > capacity || bytes !== pacer.occupiedBytes) expect.fail(`${bytes} bytes at ${now}`)
          }
          // Every packet went out in time, however small the buffer, as long as it holds two.
          expect(sent.length).to.equal(600)
          expect(pacer.dropped).to.equal(0)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('fills the buffer as far as the send-ahead goes and no further', () => {
    const pacer = new Pacer<number>(1e6)
    pacer.follow(logOf(500, 100, 500_000), at(0))
    expect(pacer.take(at(0), at(3e6)).length).to.equal(125)
    expect(pacer.take(at(100_000), at(3.1e6)).map((chunk) => chunk.payload)).to.deep.equal([125, 126, 127, 128, 129])
    expect(pacer.sentUntil).to.equal(500_000 + 130 * chunkUs)
  })

  it('starts at the first chunk that leaves the player enough time', () => {
    const pacer = new Pacer<number>(1e6)
    pacer.follow(logOf(100, 100), at(710_000))
    const chunks = pacer.take(at(0), at(5e6))
    expect(chunks[0]!.timestamp).to.equal(720_000)
    expect(pacer.dropped).to.equal(0)
  })

  it('sends nothing while the connection is congested, then leaves out what would be late', () => {
    const pacer = new Pacer<number>(1e6)
    pacer.follow(logOf(500, 100), at(0))
    expect(pacer.take(at(-500_000), at(0)).length).to.equal(0)
    pacer.isCongested = true
    expect(pacer.take(at(1e6), at(5e6))).to.deep.equal([])
    pacer.isCongested = false
    const chunks = pacer.take(at(3e6), at(5e6))
    expect(chunks[0]!.timestamp).to.be.within(3e6 + 10_000, 3e6 + 30_000)
    expect(pacer.dropped).to.equal(151)
  })

  it('skips what the log has already let go of', () => {
    const log = logOf(100, 100)
    const pacer = new Pacer<number>(1e6)
    pacer.follow(log, at(0))
    log.forgetBefore(at(1e6))
    expect(pacer.take(at(500_000), at(5e6))[0]!.payload).to.equal(50)
    expect(pacer.dropped).to.equal(50)
  })

  it('counts chunks again that a smaller output delay brings back into the buffer', () => {
    const pacer = new Pacer<number>(1e6)
    pacer.setOutputDelay(400_000)
    pacer.follow(logOf(50, 100, 500_000), at(0))
    pacer.take(at(0), at(5e6))
    pacer.take(at(500_000), at(5e6))
    expect(pacer.occupiedBytes).to.equal(50 * 100 - 20 * 100)
    pacer.setOutputDelay(0)
    pacer.take(at(500_000), at(5e6))
    expect(pacer.occupiedBytes).to.equal(50 * 100)
  })

  it('starts from an empty buffer after a clear', () => {
    const pacer = new Pacer<number>(1000)
    const log = logOf(50, 100, 100_000)
    pacer.follow(log, at(0))
    expect(pacer.take(at(0), at(5e6)).length).to.equal(10)
    expect(pacer.isFull).to.equal(true)
    pacer.reset()
    expect([pacer.occupiedBytes, pacer.sentUntil, pacer.roomAt]).to.deep.equal([0, undefined, undefined])
    expect(pacer.take(at(0), at(5e6))).to.deep.equal([])
    pacer.follow(log, at(400_000))
    expect(pacer.take(at(0), at(5e6)).length).to.equal(10)
  })

  it('never holds more than a bounded number of chunks, even if nobody lets go of them', () => {
    const log = logOf(20_000, 100)
    expect(log.end - log.first).to.be.at.most(8192)
  })
})
