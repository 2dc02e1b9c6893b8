import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalClock } from '../src/node/local-clock.js'
import { openOutput } from '../src/node/outputs/open-output.js'
import { describeOutputContract } from './audio-output-contract.js'

const format = { sampleRate: 48_000, channels: 2 }
const clock = new LocalClock()

describeOutputContract({
  name: 'virtual',
  open: () =>
    openOutput({ kind: 'virtual', ppm: 80, bufferMs: 60, periodMs: 10, delayNoiseUs: 100, seed: 1 }, format, clock),
  noiseUs: 500, // five standard deviations
  stallMs: 100,
})

describeOutputContract({
  name: 'null',
  open: () => openOutput({ kind: 'null' }, format, clock),
  noiseUs: 25, // whole frames
  stallMs: 100,
})

describe('wav', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-wav-'))
  after(() => rmSync(folder, { recursive: true }))
  describeOutputContract({
    name: 'wav',
    open: () => openOutput({ kind: 'wav', path: join(folder, 'room.wav'), sample: 'float32' }, format, clock),
    noiseUs: 25,
    stallMs: 100,
  })
})
