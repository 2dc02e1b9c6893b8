import { expect } from 'chai'
import { chance, LiveWorld, type SourceHabits } from './live-world.js'

const steady = { ppm: 80, lumpMs: 20, delayMs: () => 0 } as const
/** Few frames a second, so that hours pass quickly; nothing in the loop counts in frames. */
const config = { sampleRate: 8000, channels: 2, targetMs: 100, capacityMs: 3000 } as const
const hourMs = 3_600_000

function play(habits: SourceHabits, forMs: number, over: Partial<typeof config> | object = {}): LiveWorld {
  const world = new LiveWorld({ ...config, ...over }, habits)
  world.run(forMs)
  return world
}

/** The most and the least of how old what is heard was, after `fromMs`. */
function ages(world: LiveWorld, fromMs: number): readonly [least: number, most: number] {
  let [least, most] = [Infinity, -Infinity]
  for (const { ageMs, atMs } of world.moments) {
    if (atMs < fromMs || ageMs === undefined) continue
    least = Math.min(least, ageMs)
    most = Math.max(most, ageMs)
  }
  return [least, most]
}

describe('A live source on the server’s timeline', () => {
  for (const [ppm, forMs] of [
    [80, hourMs],
    [-80, hourMs / 6],
  ] as const) {
    it(`whose crystal is ${ppm} ppm off stays within 5 ms of its target for ${forMs / 60_000} minutes`, function () {
      this.timeout(60_000)
      const world = play({ ...steady, ppm }, forMs)
      const [least, most] = ages(world, 1000)
      expect(least).to.be.above(95)
      expect(most).to.be.below(105)
      expect(world.between(1000, forMs).every(({ level }) => level > 0.999)).to.equal(true)
      const { underruns, drops, ppm: found } = world.reclock.status
      expect({ underruns, drops }).to.deep.equal({ underruns: 0, drops: 0 })
      expect(found).to.be.closeTo(ppm, 1)
    })
  }

  it('stays within 5 ms though arrivals are up to 50 ms late, as they like', function () {
    this.timeout(60_000)
    const random = chance(7)
    const world = play({ ...steady, delayMs: () => 50 * random() }, 900_000)
    const [least, most] = ages(world, 60_000)
    expect(least).to.be.above(95)
    expect(most).to.be.below(105)
    expect(world.between(1000, 900_000).every(({ level }) => level > 0.999)).to.equal(true)
  })

  it('does not mind audio that comes in lumps of 100 ms', () => {
    const world = play({ ...steady, lumpMs: 100 }, 300_000, { targetMs: 200 })
    const [least, most] = ages(world, 1000)
    expect(least).to.be.above(195)
    expect(most).to.be.below(205)
    expect(world.reclock.status.underruns).to.equal(0)
  })

  it('serves 44.1 kHz alike', () => {
    const world = play(steady, 20_000, { sampleRate: 44_100 })
    const [least, most] = ages(world, 1000)
    expect(least).to.be.above(95)
    expect(most).to.be.below(105)
  })

  it('bends the pitch by less than a third of a cent once it knows the crystal', () => {
    const random = chance(3)
    const world = new LiveWorld(config, { ...steady, delayMs: () => 20 * random() })
    world.run(300_000)
    for (let minute = 6; minute < 12; minute++) {
      world.run(minute * 60_000)
      expect(world.reclock.status.ppm).to.be.closeTo(80, 170)
    }
  })

  it('keeps a tone as pure as it came: its rate slopes by less than 0.6 ppm a second where arrivals are late by up to 2 ms', () => {
    const random = chance(5)
    const world = new LiveWorld(config, { ...steady, delayMs: () => 2 * random() })
    world.run(300_000)
    const slopes: number[] = []
    for (let atMs = 300_000, before = world.reclock.status.ppm; atMs < 900_000; atMs += 500) {
      world.run(atMs + 500)
      slopes.push(2 * Math.abs(world.reclock.status.ppm - before))
      before = world.reclock.status.ppm
    }
    slopes.sort((a, b) => a - b)
    expect(slopes[Math.floor(slopes.length * 0.9)]).to.be.below(0.6)
  })

  it('is silent, between fades, while the source makes nothing, and as old as before afterwards', () => {
    const world = new LiveWorld(config, { ...steady, isSilent: (atMs) => atMs > 30_000 && atMs < 33_000 }, true)
    world.run(60_000)
    expect(world.between(30_200, 33_000).every(({ level }) => level === 0)).to.equal(true)
    expect(world.between(33_500, 60_000).every(({ level }) => level > 0.999)).to.equal(true)
    const [least, most] = ages(world, 33_500)
    expect(least).to.be.above(95)
    expect(most).to.be.below(105)
    expect(world.reclock.status.underruns).to.equal(1)
    expect(largestStep(world.heard)).to.be.below(0.04)
  })

  it('drops back to the target, with a fade, when a stall of 3 s is followed by all that was missed', () => {
    const late = (n: number): number => (n > 1500 && n < 1650 ? (1650 - n) * 20 : 0)
    const world = new LiveWorld(config, { ...steady, delayMs: late }, true)
    world.run(60_000)
    expect(world.between(30_200, 33_000).every(({ level }) => level === 0)).to.equal(true)
    expect(world.between(33_500, 60_000).every(({ level }) => level > 0.999)).to.equal(true)
    const [least, most] = ages(world, 33_500)
    expect(least).to.be.above(95)
    expect(most).to.be.below(105)
    expect(largestStep(world.heard)).to.be.below(0.04)
  })

  it('drops what is too much in one cross-fade, without a gap', () => {
    // From one moment on everything comes 150 ms earlier, as after a player was moved closer.
    const world = new LiveWorld(config, { ...steady, delayMs: (n) => (n < 1000 ? 150 : 0) }, true)
    world.run(40_000)
    const { drops, underruns } = world.reclock.status
    expect({ drops, underruns }).to.deep.equal({ drops: 1, underruns: 0 })
    const [least, most] = ages(world, 20_500)
    expect(least).to.be.above(95)
    expect(most).to.be.below(105)
    expect(largestStep(world.heard.slice(4000))).to.be.below(0.1)
  })

  it('leaves the pace, and every frame, to us when told that the source waits', () => {
    const world = new LiveWorld(config, { ...steady, ppm: 1000 }, true)
    world.reclock.isFollowing = false
    world.run(20_000)
    expect(world.reclock.status.ppm).to.equal(0)
    const start = world.heard.findIndex((sample) => sample !== 0)
    // Frame for frame the source's own signal, once faded in.
    for (let i = 100; i < 100_000; i++) {
      expect(world.heard[start - 1 + i]).to.be.closeTo(Math.cos((2 * Math.PI * i) / 4000), 2e-3)
    }
  })

  it('plays what there is when no more will come, however little', () => {
    const world = play({ ...steady, isSilent: (atMs) => atMs > 50 }, 300)
    expect(world.reclock.isDrained).to.equal(false)
    expect(world.moments.every(({ level }) => level === 0)).to.equal(true)
    world.reclock.complete()
    world.run(500)
    expect(Math.max(...world.moments.map(({ level }) => level))).to.be.closeTo(1, 1e-3)
    expect(world.reclock.isDrained).to.equal(true)
  })

  it('holds no more than its capacity, whatever comes', () => {
    const world = play({ ...steady, lumpMs: 5000 }, 20_000)
    expect(world.reclock.heldMs).to.be.at.most(2 * config.capacityMs)
  })
})

/** Between neighbouring frames: a click shows as a step the signal itself never makes. */
function largestStep(samples: readonly number[]): number {
  let largest = 0
  for (let i = 1; i < samples.length; i++) largest = Math.max(largest, Math.abs(samples[i]! - samples[i - 1]!))
  return largest
}
