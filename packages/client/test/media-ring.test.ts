import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import fc from 'fast-check'
import { historyFrames, MediaRing } from '../src/media-ring.js'

function blockOf(length: number, sample: (index: number) => number, numberOfChannels = 2): AudioBuffer {
  const block = new AudioBuffer({ length, sampleRate: 48_000, numberOfChannels })
  for (let c = 0; c < numberOfChannels; c++)
    block.getChannelData(c).forEach((_, i, data) => {
      data[i] = sample(i) * (c === 0 ? 1 : -1)
    })
  return block
}

function read(ring: MediaRing, frame: number, frames: number) {
  const [left, right] = [new Float32Array(frames).fill(9), new Float32Array(frames).fill(9)]
  ring.read(frame, frames, left, right)
  return { left, right }
}

describe('MediaRing', () => {
  it('shows both sides the same window and samples, whatever is appended and released', () => {
    const step = fc.record({ frames: fc.integer({ min: 0, max: 2_700 }), advance: fc.integer({ min: 0, max: 2_700 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const writer = MediaRing.allocate(3_000)
        const reader = MediaRing.attach(writer.buffer)
        let playhead = 0
        for (const { frames, advance } of steps) {
          const length = Math.min(frames, writer.freeFrames)
          const from = writer.endFrame
          if (length > 0) writer.append(blockOf(length, (i) => from + i + 1))
          playhead = Math.min(playhead + advance, writer.endFrame)
          writer.release(playhead)
          expect(reader.endFrame).to.equal(from + length)
          expect(reader.firstFrame).to.equal(Math.max(0, playhead - historyFrames))
          const { firstFrame, endFrame } = reader
          const { left, right } = read(reader, firstFrame - 3, endFrame - firstFrame + 6)
          const numbers = Float32Array.from({ length: endFrame - firstFrame }, (_, i) => firstFrame + i + 1)
          const mirrored = [0, 1, 2].map((i) => numbers.at(-1 - i) ?? 0)
          const expected = [0, 0, 0, ...numbers, ...mirrored]
          expect([...left]).to.deep.equal(expected)
          expect([...right.map((sample) => Math.abs(sample))]).to.deep.equal(expected)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('mirrors what it has beyond its end, no further back than it goes', () => {
    const ring = MediaRing.allocate(2_100)
    ring.append(blockOf(2_000, () => 9))
    ring.release(2_000 + historyFrames - 5)
    ring.append(blockOf(5, (i) => i + 1))
    expect([...read(ring, 2_003, 14).left]).to.deep.equal([4, 5, 5, 4, 3, 2, 1, 9, 9, 9, 9, 9, 0, 0])
  })

  it('refuses a block that would overwrite audio still to be played', () => {
    const ring = MediaRing.allocate(2_100)
    ring.append(blockOf(2_000, () => 1))
    expect(() => ring.append(blockOf(101, () => 1))).to.throw(RangeError, '101 frames do not fit')
    expect(ring.endFrame).to.equal(2_000)
  })

  it('plays a mono block on both sides', () => {
    const ring = MediaRing.allocate(2_100)
    ring.append(blockOf(10, () => 0.5, 1))
    const { left, right } = read(ring, 9, 1)
    expect([left[0], right[0]]).to.deep.equal([0.5, 0.5])
  })

  it('bounds a hole by fades, so that no sample step exceeds that of the fade', () => {
    const ring = MediaRing.allocate(4_000)
    ring.append(blockOf(1_000, () => 1))
    ring.fadeTail(240)
    ring.appendSilence(500)
    ring.append(blockOf(100, () => 1))
    ring.append(blockOf(900, () => 1))
    const { left } = read(ring, 0, 2_500)
    for (let frame = 1; frame < 2_500; frame++)
      expect(Math.abs(left[frame]! - left[frame - 1]!)).to.be.below(Math.PI / 2 / 240 + 1e-6)
    expect(left[759]).to.equal(1)
    expect([...left.subarray(1_000, 1_500)]).to.deep.equal(Array(500).fill(0))
    expect(left[1_740]).to.equal(1)
  })
})
