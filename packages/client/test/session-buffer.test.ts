import type { LocalUs, ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { noSlew } from '../src/local-slew.js'
import { bufferBounds, SessionBuffer } from '../src/session-buffer.js'
import type { Telemetry } from '../src/telemetry.js'

const at = (ms: number): LocalUs => (ms * 1000) as LocalUs
const cable = { leastUs: 600, lowerQuartileUs: 700 }
/** As first exchanges show the Wi-Fi of the lab: in the same room, with neighbours, at the edge of its range. */
const radio = { leastUs: 2600, lowerQuartileUs: 3100 }
const busyRadio = { leastUs: 6000, lowerQuartileUs: 9500 }
const badRadio = { leastUs: 13_000, lowerQuartileUs: 24_000 }

/** What the audio thread says at `ms` of a device with so much in its queue. */
function telemetry(queueMs: number, ms: number, bufferedMs = 0): Telemetry {
  return {
    state: 'waiting',
    lateUs: 0,
    ppm: 0,
    devicePpm: 0,
    bufferedUs: bufferedMs * 1000,
    starvations: 0,
    underruns: 0,
    jumps: 0,
    heardServerAt: Number.NaN as ServerUs,
    heardAt: at(ms + queueMs),
    playheadFrame: 0,
    slackUs: 0,
    slew: noSlew,
  }
}

describe('SessionBuffer', () => {
  it('asks at first for what such a path turns out to need', () => {
    for (const [roundTrips, low, high] of [
      [cable, 50, 60],
      [radio, 100, 150],
      [busyRadio, 450, 800],
      [badRadio, 1300, 1800],
    ] as const) {
      const buffer = new SessionBuffer(undefined, bufferBounds)
      buffer.reported(telemetry(20, 0), 0, at(0))
      buffer.learn(roundTrips, undefined)
      expect(buffer.minBufferMs).to.be.within(low, high)
    }
  })

  it('guesses on while nothing has come, and no more when something has', () => {
    const buffer = new SessionBuffer(undefined, bufferBounds)
    buffer.learn(radio, undefined)
    const first = buffer.minBufferMs
    buffer.learn(badRadio, undefined)
    const second = buffer.minBufferMs
    expect(second).to.be.above(first + 1000)
    buffer.arrived(1_500_000, at(0))
    buffer.learn(radio, undefined)
    expect(buffer.minBufferMs).to.equal(second)
  })

  it('starts from what the path was like before, if it looks the same', () => {
    const before = new SessionBuffer(undefined, bufferBounds)
    before.reported(telemetry(20, 0), 0, at(0))
    before.learn(radio, undefined)
    expect(before.remembered).to.equal(undefined)
    for (let ms = 0; ms < 200_000; ms += 20) before.arrived(150_000 - (ms % 1000 === 0 ? 30_000 : 0), at(ms))
    const { remembered } = before
    expect(remembered?.tailUs).to.equal(30_000)
    const first = (roundTrips: typeof radio, known: typeof remembered): number => {
      const buffer = new SessionBuffer(undefined, bufferBounds)
      buffer.reported(telemetry(20, 0), 0, at(0))
      buffer.learn(roundTrips, known)
      return buffer.minBufferMs
    }
    expect(first(radio, remembered)).to.be.below(first(radio, undefined) - 50)
    expect(first(busyRadio, remembered)).to.equal(first(busyRadio, undefined))
  })

  it('has the device hold little where the network needs little', () => {
    const queueMs = (roundTrips: typeof radio, fixedMs?: number): number => {
      const buffer = new SessionBuffer(fixedMs, bufferBounds)
      buffer.learn(roundTrips, undefined)
      return buffer.queueMs
    }
    expect(queueMs(cable)).to.equal(18)
    expect(queueMs(radio)).to.be.within(30, 40)
    expect(queueMs(badRadio)).to.be.above(100)
    expect(queueMs(cable, 800)).to.be.above(100)
  })

  it('has the device hold much while much is there, and asks for no more because of that', () => {
    const buffer = new SessionBuffer(undefined, bufferBounds)
    buffer.reported(telemetry(15, 0), 0, at(0))
    buffer.learn(cable, undefined)
    const before = buffer.minBufferMs
    buffer.arrived(4_700_000, at(10))
    for (let ms = 50; ms < 5000; ms += 50) buffer.reported(telemetry(95, ms, 1500), 0, at(ms))
    expect(buffer.queueMs).to.be.above(100)
    buffer.reported(telemetry(95, 5000, 350), 0, at(5000))
    expect(buffer.queueMs).to.equal(18)
    for (let ms = 5050; ms < 9000; ms += 50) {
      const drainingMs = Math.max(15, 95 - (ms - 5000))
      buffer.reported(telemetry(drainingMs, ms, 60), 0, at(ms))
    }
    expect(buffer.minBufferMs).to.equal(before)
  })

  it('asks for less where the device can wait for what is late, but for no less than the device holds', () => {
    const ask = (roundTrips: typeof cable, slackMs: number): number => {
      const buffer = new SessionBuffer(undefined, bufferBounds)
      buffer.reported({ ...telemetry(15, 0), slackUs: slackMs * 1000 }, 0, at(0))
      buffer.learn(roundTrips, undefined)
      return buffer.minBufferMs
    }
    expect(ask(cable, 0)).to.equal(47)
    expect(ask(cable, 11)).to.equal(35)
    expect(ask(cable, 30)).to.equal(22)
    expect(ask(radio, 0) - ask(radio, 20)).to.be.within(20, 22)
  })

  it('asks for a little more on a cable until the rooms that were switched on with it have started', () => {
    for (const [slackMs, firstMs, laterMs] of [
      [0, 47, 40],
      [11, 35, 28],
    ] as const) {
      const buffer = new SessionBuffer(undefined, bufferBounds)
      buffer.reported({ ...telemetry(15, 0), slackUs: slackMs * 1000 }, 0, at(0))
      buffer.learn(cable, { guessUs: 17_500, tailUs: 4_000 })
      for (let ms = 0; ms < 30_000; ms += 20) {
        buffer.arrived(50_000, at(ms))
        expect(buffer.minBufferMs).to.equal(firstMs)
      }
      buffer.arrived(50_000, at(30_000))
      expect(buffer.minBufferMs).to.be.below(laterMs + 1)
    }
  })

  it('does not take what an underrun was ended with for what the device always holds', () => {
    const buffer = new SessionBuffer(undefined, bufferBounds)
    buffer.reported(telemetry(15, 0), 0, at(0))
    buffer.learn(cable, undefined)
    buffer.arrived(50_000, at(0))
    const before = buffer.minBufferMs
    for (let ms = 0; ms < 450; ms += 50)
      buffer.reported({ ...telemetry(56, 1000 + ms), underruns: 1 }, 0, at(1000 + ms))
    expect(buffer.minBufferMs).to.equal(before + 10)
  })

  it('has the device hold a little more after each underrun, four times, and asks for room for it', () => {
    const buffer = new SessionBuffer(undefined, bufferBounds)
    buffer.reported(telemetry(15, 0), 0, at(0))
    buffer.learn(cable, undefined)
    const before = buffer.minBufferMs
    const after = [1, 2, 3, 4, 5].map((underruns) => {
      buffer.reported({ ...telemetry(15, underruns * 1000), underruns }, 0, at(underruns * 1000))
      return [buffer.queueMs, buffer.minBufferMs - before]
    })
    expect(after).to.deep.equal([
      [26, 10],
      [34, 20],
      [42, 30],
      [50, 40],
      [50, 40],
    ])
  })

  it('asks for more at once when a chunk is late, and for less only when it is much less', () => {
    const buffer = new SessionBuffer(undefined, bufferBounds)
    buffer.reported(telemetry(20, 0), 0, at(0))
    buffer.learn(cable, undefined)
    const before = buffer.minBufferMs
    for (let ms = -6000; ms < 0; ms += 500) buffer.arrived(60_000, at(ms))
    buffer.arrived(60_000, at(20))
    buffer.arrived(20_000, at(80))
    const grown = buffer.minBufferMs
    expect(grown).to.be.within(before + 24, before + 34)
    const asked = new Set<number>()
    for (let ms = 100; ms < 400_000; ms += 20) {
      buffer.arrived(60_000, at(ms))
      asked.add(buffer.minBufferMs)
    }
    expect([...asked]).to.have.length(2)
    expect(buffer.minBufferMs).to.be.below(before)
  })

  it('does not take the lateness of a program that has just started for the network’s', () => {
    const buffer = new SessionBuffer(undefined, bufferBounds)
    buffer.reported(telemetry(20, 0), 0, at(0))
    buffer.learn(cable, undefined)
    const before = buffer.minBufferMs
    for (let ms = 0; ms < 2000; ms += 20) buffer.arrived(60_000 - 40_000 * (ms % 100 === 0 ? 1 : 0), at(ms))
    expect(buffer.minBufferMs).to.equal(before)
  })

  it('counts the delay behind the device apart, as the server does', () => {
    const buffer = new SessionBuffer(undefined, bufferBounds)
    buffer.reported(telemetry(215, 0), 200_000, at(0))
    buffer.learn(cable, undefined)
    expect(buffer.minBufferMs).to.be.within(30, 50)
  })

  it('learns nothing from audio that is sent seconds ahead', () => {
    const buffer = new SessionBuffer(undefined, bufferBounds)
    buffer.learn(cable, undefined)
    const before = buffer.minBufferMs
    for (let ms = 0; ms < 10_000; ms += 20) buffer.arrived((5000 - 1000 * ((ms / 20) % 2)) * 1000, at(ms))
    expect(buffer.minBufferMs).to.equal(before)
  })

  it('stays within its bounds, and where it is told to stay', () => {
    const quiet = new SessionBuffer(undefined, { leastMs: 150, mostMs: 400 })
    quiet.learn(cable, undefined)
    expect(quiet.minBufferMs).to.equal(150)
    const hopeless = new SessionBuffer(undefined, { leastMs: 150, mostMs: 400 })
    hopeless.learn(badRadio, undefined)
    expect(hopeless.minBufferMs).to.equal(400)
    const fixed = new SessionBuffer(700, bufferBounds)
    fixed.learn(radio, undefined)
    expect(fixed.minBufferMs).to.equal(700)
  })
})
