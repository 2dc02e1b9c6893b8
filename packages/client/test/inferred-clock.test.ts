import { expect } from 'chai'
import fc from 'fast-check'
import { InferredClock } from '../src/node/outputs/inferred-clock.js'

const sampleRate = 48_000
const bufferFrames = 24_000
const lumpFrames = 6_000
const chunkFrames = 960

describe('InferredClock', () => {
  it('finds the device to a millisecond, a chunk and the lateness of its word, though it takes samples in lumps of 125 ms', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -100, max: 100, noNaN: true }),
        fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 20, maxLength: 20 }),
        (ppm, latenessUs) => {
          const framesPerUs = sampleRate * (1 + ppm * 1e-6) * 1e-6
          const clock = new InferredClock(sampleRate, (bufferFrames * 1e6) / sampleRate, 3_000_000)
          for (let chunk = 1; chunk <= 1_000; chunk++) {
            const frames = chunk * chunkFrames
            // Whole lumps have to have been played before there is room for this chunk.
            const lumps = Math.max(0, Math.ceil((frames - bufferFrames) / lumpFrames))
            const takenAtUs = (lumps * lumpFrames) / framesPerUs
            clock.taken(frames, takenAtUs + latenessUs[chunk % 20]!)
            if (chunk < 100) continue
            const errorUs = clock.heardAtUs(frames) - frames / framesPerUs
            expect(errorUs).to.be.within(-1_000, 20_000 + 3_000 + 1_000)
          }
        },
      ),
      { numRuns: 30 },
    )
  })
})
