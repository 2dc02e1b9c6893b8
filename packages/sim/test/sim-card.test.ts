import type { Period } from '@tutti/client'
import { expect } from 'chai'
import { type CardPreset, cardPresets } from '../src/card-presets.js'
import { Crystal, perfectCrystal } from '../src/crystal.js'
import { Random } from '../src/random.js'
import { SimCard } from '../src/sim-card.js'
import { SimClock } from '../src/sim-clock.js'
import { World } from '../src/world.js'

interface Asked extends Period {
  readonly fromUs: number
  readonly untilUs: number
}

/** A card whose clock reads true time, and everything it asked for. */
function play(preset: CardPreset, ppm: number): { world: World; card: SimCard; asked: Asked[] } {
  const world = new World()
  const random = new Random(preset)
  const clock = new SimClock(world, new Crystal(random, perfectCrystal), random)
  const crystal = new Crystal(random.fork('dac'), { ...perfectCrystal, ppm })
  const card = new SimCard(world, clock, crystal, random.fork('card'), cardPresets[preset])
  const asked: Asked[] = []
  card.start((period) => asked.push({ ...period, fromUs: card.heardFromUs, untilUs: card.heardUntilUs }))
  return { world, card, asked }
}

describe('SimCard', () => {
  it('plays at the pace of its own crystal, without a seam', () => {
    const { world, asked } = play('i2s', 100)
    world.runUntil(60e6)
    for (let i = 1; i < asked.length; i++) expect(asked[i]!.fromUs).to.equal(asked[i - 1]!.untilUs)
    const frames = asked.reduce((sum, period) => sum + period.frames, 0)
    const lengthS = (asked.at(-1)!.untilUs - asked[0]!.fromUs) / 1e6
    expect(frames / lengthS / 48_000).to.be.closeTo(1 + 100e-6, 1e-9)
    expect(asked.map(({ restarted }) => restarted).indexOf(true, 1)).to.equal(-1)
  })

  it('reports when a period is heard, to the noise its preset promises', () => {
    const errors = (preset: CardPreset): number[] => {
      const { world, asked } = play(preset, 0)
      world.runUntil(600e6)
      return asked.slice(2).map(({ heardAt, fromUs }) => heardAt - fromUs)
    }
    const deviation = (values: number[]): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)
    expect(deviation(errors('i2s'))).to.be.within(8, 12)
    const jittery = errors('sound-server')
    expect(jittery.filter((error) => Math.abs(error) > 20_000)).to.have.length.within(3, 25) // one blip a minute
    expect(deviation(jittery.filter((error) => Math.abs(error) < 5000))).to.be.within(500, 650) // ±1 ms uniform
  })

  it('wakes its writer when its count has moved, so that reports are late by the wake-up and never early', () => {
    const { world, asked } = play('dma-bursts', 20)
    world.runUntil(60e6)
    const late = asked
      .slice(10)
      .map(({ heardAt, fromUs }) => heardAt - fromUs)
      .sort((a, b) => a - b)
    expect(late[0]).to.be.above(-20) // the noise of the clock reading is 5 µs
    expect(late[late.length >> 1]).to.be.within(80, 120)
  })

  it('wakes its writer by periods that its bursts do not fit, so that reports are as late as the last burst is old', () => {
    const { world, asked } = play('uneven-bursts', 20)
    world.runUntil(60e6)
    const burstUs = (256 / 48_000) * 1e6
    const late = asked.slice(10).map(({ heardAt, fromUs }) => heardAt - fromUs)
    for (const quarters of [0, 1, 2, 3]) {
      const oldest = late.filter((us) => Math.abs(us - (quarters * burstUs) / 4) < burstUs / 8)
      expect(oldest.length / late.length, `${quarters} quarters of a burst`).to.be.within(0.2, 0.3)
    }
    expect(Math.min(...late)).to.be.above(-20)
    expect(asked.every(({ isNeverEarly }) => isNeverEarly)).to.equal(true)
    expect(play('dma-bursts', 0).asked.some(({ isNeverEarly }) => isNeverEarly)).to.equal(false)
  })

  it('underruns when its process is frozen, says so, and is silent meanwhile', () => {
    const { world, card, asked } = play('i2s', -50)
    world.at(10e6, () => card.freeze())
    world.at(15e6, () => card.thaw())
    world.runUntil(20e6)
    expect(card.underruns).to.equal(1)
    const restart = asked.findLastIndex(({ restarted }) => restarted)
    expect(asked[restart]!.fromUs).to.be.within(15e6, 15.01e6)
    expect(asked[restart - 1]!.untilUs).to.be.within(10e6, 10.1e6)
  })

  it('asks for nothing once stopped', async () => {
    const { world, card, asked } = play('usb', 0)
    world.runUntil(1e6)
    await card.stop()
    const before = asked.length
    world.runUntil(2e6)
    expect(asked).to.have.length(before)
  })
})
