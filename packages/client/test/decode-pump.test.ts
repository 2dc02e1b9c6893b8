import type { LocalUs, ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import fc from 'fast-check'
import { DecodePump, decodePumpDefaults } from '../src/decode-pump.js'
import { JitterBuffer, jitterBufferDefaults } from '../src/jitter-buffer.js'
import { StreamAnchor } from '../src/stream-anchor.js'
import { LengthDecoder, LengthStore, tailOf } from './length-store.js'

const at = (us: number) => us as ServerUs
const second = 48_000

function pumpWith({ capacity = 4 * second, decoder = new LengthDecoder() } = {}) {
  const buffer = new JitterBuffer<number>(jitterBufferDefaults, () => 100)
  const media = new LengthStore(capacity)
  const anchor = new StreamAnchor(1_000)
  const pump = new DecodePump<number, { readonly length: number }>({
    buffer,
    media,
    tailOf,
    anchor,
    config: decodePumpDefaults,
  })
  pump.openStream(1, second)
  pump.setDecoder(1, decoder)
  /** Queues 20 ms chunks from `fromUs` on. */
  const fill = (fromUs: number, chunks: number, stream = 1): void => {
    for (let n = 0; n < chunks; n++) buffer.push(at(fromUs + n * 20_000), 960, stream, undefined)
  }
  const runAll = (dueAt: number | undefined, playhead = 0): void => {
    // In these tests the two clocks read the same.
    while (pump.run((dueAt ?? 0) as LocalUs, dueAt === undefined ? undefined : at(dueAt), playhead, true));
  }
  return { buffer, media, anchor, pump, decoder, fill, runAll }
}

describe('DecodePump', () => {
  it('works in small pieces and stops a second and a half ahead of the playhead', () => {
    const { media, buffer, pump, fill, runAll } = pumpWith()
    fill(0, 200)
    expect(pump.run(-1e6 as LocalUs, at(-1e6), 0, true)).to.equal(true)
    expect(media.endFrame).to.equal(4 * 960)
    runAll(-1e6)
    expect(media.endFrame).to.equal(75 * 960)
    expect(buffer.length).to.equal(125)
    runAll(0.5e6, second / 2)
    expect(media.endFrame).to.equal(100 * 960)
  })

  it('decodes a quarter of a second in one piece while no time reply is awaited', () => {
    const { media, pump, fill, runAll } = pumpWith()
    fill(0, 200)
    runAll(-1e6)
    const endFrame = media.endFrame
    expect(pump.run(-0.75e6 as LocalUs, at(-0.75e6), second / 4, false)).to.equal(false)
    expect(media.endFrame - endFrame).to.be.within(second / 4, second / 4 + 960)
  })

  it('waits for a decoder that is still loading', () => {
    const { media, pump, fill, runAll } = pumpWith()
    pump.openStream(2, second)
    fill(0, 10, 2)
    runAll(0)
    expect(media.endFrame).to.equal(0)
    pump.setDecoder(2, new LengthDecoder())
    runAll(0)
    expect(media.endFrame).to.equal(9_600)
  })

  it('throws away what nobody can decode, and counts it', () => {
    const { buffer, pump, fill, runAll } = pumpWith()
    pump.openStream(2, second)
    pump.setDecoder(2, null)
    fill(0, 10, 2)
    runAll(-1e6)
    expect(buffer.length).to.equal(0)
    expect(pump.counts.undecodable).to.equal(10)
  })

  it('fills a hole with silence of its length, between fades', () => {
    const { media, anchor, decoder, fill, runAll } = pumpWith()
    fill(0, 10)
    fill(300_000, 10)
    runAll(-1e6)
    expect(media.written.slice(10, 13)).to.deep.equal(['fade 240', 'silence 4800', 'audio 960'])
    expect(media.endFrame).to.equal(0.5 * second)
    expect(anchor.endsAt).to.be.closeTo(500_000, 0.01)
    expect(decoder.resets).to.equal(1)
  })

  it('puts silence in the place of a chunk that does not decode', () => {
    const { media, buffer, pump, fill, runAll } = pumpWith()
    fill(0, 3)
    buffer.push(at(60_000), -1, 1, undefined)
    fill(80_000, 3)
    runAll(-1e6)
    expect(media.written.filter((entry) => entry.startsWith('silence'))).to.deep.equal(['silence 960'])
    expect(media.endFrame).to.equal(7 * 960)
    expect(pump.counts.undecodable).to.equal(1)
  })

  it('leaves out what is there already', () => {
    const { media, anchor, pump, fill, runAll } = pumpWith()
    fill(0, 10)
    runAll(-1e6)
    fill(150_000, 5) // two and a half chunks again
    runAll(-1e6)
    expect(media.endFrame).to.equal(0.25 * second)
    expect(anchor.endsAt).to.be.closeTo(250_000, 0.01)
    expect(pump.counts.overlaps).to.equal(3)
  })

  it('lets what is decoded play out before a long hole, and begins a new epoch after it', () => {
    const { anchor, pump, fill, runAll } = pumpWith()
    fill(0, 10)
    fill(5_200_000, 10)
    runAll(-1e6)
    runAll(100_000, 4_800)
    expect(anchor.epoch).to.equal(1)
    runAll(200_001, 9_600)
    expect(anchor.toAnchor()).to.include({ epoch: 2, frame: 9_600, serverAt: 5_200_000 })
    expect(pump.counts.restarts).to.equal(1)
  })

  it('changes codec without a gap and sample rate with a new epoch', () => {
    const { media, anchor, pump, decoder, fill, runAll } = pumpWith()
    fill(0, 10)
    pump.openStream(2, second)
    const second2 = new LengthDecoder()
    pump.setDecoder(2, second2)
    fill(200_000, 10, 2)
    runAll(-1e6)
    expect(media.endFrame).to.equal(0.4 * second)
    expect([anchor.epoch, decoder.closed]).to.deep.equal([1, true])

    pump.openStream(3, 44_100)
    pump.setDecoder(3, new LengthDecoder())
    fill(400_000, 10, 3)
    runAll(300_000, 14_400)
    expect(anchor.epoch).to.equal(1)
    runAll(400_000, 19_200)
    expect(anchor.toAnchor()).to.include({ epoch: 2, frame: 19_200 })
    expect(anchor.toAnchor().serverAt).to.be.closeTo(400_000, 1e-6)
    expect(second2.closed).to.equal(true)
  })

  it('closes a decoder that arrives after its stream is over', () => {
    const { pump } = pumpWith()
    const late = new LengthDecoder()
    pump.setDecoder(9, late)
    expect(late.closed).to.equal(true)
  })

  it('skips what is due before it could be heard, undecoded', () => {
    const { anchor, pump, fill, runAll } = pumpWith()
    fill(0, 100)
    runAll(1_000_000)
    expect(pump.counts.skipped).to.equal(50)
    expect(anchor.toAnchor()).to.include({ frame: 0, serverAt: 1_000_000 })
  })

  it('goes on when the playhead has stood still because the clocks were apart', () => {
    const { media, fill, runAll } = pumpWith()
    fill(0, 1_000)
    runAll(undefined)
    expect(media.endFrame).to.be.within(1.5 * second, 1.6 * second)
    for (let dueAt = 0; dueAt < 10e6; dueAt += 50_000) runAll(dueAt)
    expect(media.endFrame).to.be.greaterThan(3 * second)
  })

  it('keeps a cleared epoch readable until the audio thread has faded it out', () => {
    const { media, buffer, anchor, pump, fill, runAll } = pumpWith()
    fill(0, 100)
    runAll(0)
    buffer.clear()
    pump.clear()
    expect(pump.placed).to.equal(false)
    fill(600_000, 100)
    runAll(100_000, 4_800)
    expect(media.firstFrame).to.equal(4_800)
    expect(anchor.toAnchor()).to.include({ epoch: 2, frame: 75 * 960, serverAt: 600_000 })
    runAll(301_000, 4_800)
    expect(media.firstFrame).to.equal(75 * 960)
  })

  it('survives being cleared faster than it can play', () => {
    const { media, buffer, pump, fill, runAll } = pumpWith()
    for (let n = 0; n < 200; n++) {
      buffer.clear()
      pump.clear()
      fill(n * 50_000 + 400_000, 100)
      runAll(n * 50_000)
    }
    for (let dueAt = 10e6; dueAt < 11e6; dueAt += 50_000) runAll(dueAt)
    expect(media.endFrame - media.firstFrame).to.be.within(second / 2, 4 * second)
    expect(buffer.length).to.be.below(100)
  })

  it('ties every frame to its time and overruns nothing, whatever arrives', () => {
    const step = fc.record({
      gapUs: fc.oneof(fc.constant(0), fc.integer({ min: -500_000, max: 3_000_000 })),
      frames: fc.oneof(fc.constant(960), fc.integer({ min: -1, max: 400_000 })),
      passUs: fc.integer({ min: 0, max: 200_000 }),
      known: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { buffer, media, anchor, pump, runAll } = pumpWith()
        let timestamp = 1_000_000
        let now = 500_000
        for (const { gapUs, frames, passUs, known } of steps) {
          timestamp += gapUs
          if (buffer.push(at(timestamp), frames, 1, known ? at(now) : undefined) === 'rewound') pump.clear()
          timestamp += 20_000
          now += passUs
          // Throws if it writes over what is still to be played.
          runAll(known ? now : undefined)
          if (pump.placed) expect(anchor.endFrame).to.equal(media.endFrame)
          expect(media.endFrame - media.firstFrame).to.be.at.most(4 * second)
        }
      }),
    )
  })
})
