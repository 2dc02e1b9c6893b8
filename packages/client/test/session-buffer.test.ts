import type { LocalUs, ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { bufferBounds, SessionBuffer } from '../src/session-buffer.js'
import type { Telemetry } from '../src/telemetry.js'

const at = (ms: number): LocalUs => (ms * 1000) as LocalUs
const cable = { leastUs: 600, lowerQuartileUs: 700 }
const radio = { leastUs: 2600, lowerQuartileUs: 3400 }

/** What the audio thread says at `ms` of a device with so much in its queue. */
function telemetry(queueMs: number, ms: number): Telemetry {
  return {
    state: 'waiting',
    lateUs: 0,
    ppm: 0,
    devicePpm: 0,
    bufferedUs: 0,
    starvations: 0,
    underruns: 0,
    jumps: 0,
    heardServerAt: Number.NaN as ServerUs,
    heardAt: at(ms + queueMs),
    playheadFrame: 0,
  }
}

describe('SessionBuffer', () => {
  it('asks for little over a cable and a small device, for half a second over anything else', () => {
    for (const [roundTrips, low, high] of [
      [cable, 40, 60],
      [radio, 400, 450],
    ] as const) {
      const buffer = new SessionBuffer(undefined, bufferBounds)
      buffer.reported(telemetry(20, 0), 0, at(0))
      buffer.learn(roundTrips)
      expect(buffer.minBufferMs).to.be.within(low, high)
    }
  })

  it('asks for more at once when a chunk is late, and for less only when it is much less', () => {
    const buffer = new SessionBuffer(undefined, bufferBounds)
    buffer.reported(telemetry(20, 0), 0, at(0))
    buffer.learn(cable)
    const before = buffer.minBufferMs
    buffer.arrived(60_000, at(20))
    buffer.arrived(20_000, at(80))
    const grown = buffer.minBufferMs
    expect(grown).to.be.within(before + 35, before + 55)
    const asked = new Set<number>()
    for (let ms = 100; ms < 400_000; ms += 20) {
      buffer.arrived(60_000, at(ms))
      asked.add(buffer.minBufferMs)
    }
    expect([...asked]).to.have.length(2)
    expect(buffer.minBufferMs).to.be.below(before)
  })

  it('counts the delay behind the device apart, as the server does', () => {
    const buffer = new SessionBuffer(undefined, bufferBounds)
    buffer.reported(telemetry(220, 0), 200_000, at(0))
    buffer.learn(cable)
    expect(buffer.minBufferMs).to.be.within(40, 60)
  })

  it('learns nothing from audio that is sent seconds ahead', () => {
    const buffer = new SessionBuffer(undefined, bufferBounds)
    buffer.learn(cable)
    const before = buffer.minBufferMs
    for (let ms = 0; ms < 10_000; ms += 20) buffer.arrived((5000 - 1000 * ((ms / 20) % 2)) * 1000, at(ms))
    expect(buffer.minBufferMs).to.equal(before)
  })

  it('stays within its bounds, and where it is told to stay', () => {
    const wild = new SessionBuffer(undefined, { leastMs: 150, mostMs: 400 })
    wild.learn(cable)
    expect(wild.minBufferMs).to.equal(150)
    wild.arrived(390_000, at(0))
    wild.arrived(1_000, at(500))
    expect(wild.minBufferMs).to.equal(400)
    const fixed = new SessionBuffer(700, bufferBounds)
    fixed.learn(radio)
    expect(fixed.minBufferMs).to.equal(700)
  })
})
