import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { DeviceClock } from '../src/device-clock.js'
import { slewedUs } from '../src/local-slew.js'
import { SeededRandom } from '../src/node/outputs/seeded-random.js'

const frames = 960
const frameUs = 1e6 / 48_000
const trueFrameUs = frameUs / (1 + 70e-6)

interface Slew {
  readonly fromS: number
  readonly toS: number
  readonly ppm: number
}

/** How far off a card's line is, and what is said of the local clock, at each second; the card is exact to a frame. */
function errorsUnder(slew: Slew, seconds: number): readonly { atS: number; lineUs: number; slewUs: number }[] {
  const random = new SeededRandom(7)
  const clock = new DeviceClock(48_000)
  const aheadUs = (us: number): number => Math.max(0, Math.min(us, slew.toS * 1e6) - slew.fromS * 1e6) * slew.ppm * 1e-6
  const errors = []
  for (let played = 0; played < seconds * 48_000; played += frames) {
    const readAt = played * trueFrameUs - 60 * Math.log(1 - random.uniform())
    const written = played + 4_800
    const queuedFrames = written - Math.floor(readAt / trueFrameUs) - 0.5
    const heardAt = (readAt + aheadUs(readAt) + queuedFrames * frameUs) as LocalUs
    clock.observe({ frames, heardAt, queuedFrames, restarted: played === 0 })
    if (played % 48_000 !== 0) continue
    const local = (readAt + aheadUs(readAt)) as LocalUs
    errors.push({
      atS: played / 48_000,
      lineUs: clock.steadyAt(0) - written * trueFrameUs,
      slewUs: slewedUs(clock.slew, local) - aheadUs(readAt),
    })
  }
  return errors
}

describe('SteadyLine', () => {
  for (const ppm of [30, -100, 500])
    it(`keeps a card's line straight while the local clock is slewed by ${ppm} ppm for a minute, and after`, () => {
      const errors = errorsUnder({ fromS: 30, toS: 90, ppm }, 150)
      for (const { atS, lineUs } of errors.filter(({ atS }) => atS >= 30))
        expect(lineUs, `after ${atS} s`).to.be.within(-10, 10)
    })

  it('says how far the local clock has been slewed, within 30 µs from five seconds after each change on', () => {
    const errors = errorsUnder({ fromS: 30, toS: 90, ppm: 200 }, 150)
    for (const { atS, slewUs } of errors)
      if (atS > 10 && !(atS >= 30 && atS < 35) && !(atS >= 90 && atS < 95))
        expect(slewUs, `after ${atS} s`).to.be.within(-30, 30)
  })

  it('notices a slew before the local clock is 150 µs off', () => {
    for (const ppm of [20, -100, 500]) {
      const errors = errorsUnder({ fromS: 30, toS: 90, ppm }, 60)
      for (const { atS, slewUs } of errors)
        if (atS > 10) expect(slewUs, `${ppm} ppm, after ${atS} s`).to.be.within(-150, 150)
    }
  })

  it('takes no crystal that warms up for a slew', () => {
    const random = new SeededRandom(8)
    const clock = new DeviceClock(48_000)
    let readAt = 0
    for (let n = 0; n < 15_000; n++) {
      // A ppm in five minutes.
      readAt += frames * frameUs * (1 + (n / 15_000) * 1e-6)
      const heardAt = (readAt + frameUs * random.uniform()) as LocalUs
      clock.observe({ frames, heardAt, queuedFrames: 0, restarted: n === 0 })
    }
    expect(clock.slew.count).to.equal(0)
  })

  it('leaves what is not known yet to be learnt', () => {
    const clock = new DeviceClock(48_000)
    for (let n = 0; n < 1_000; n++) {
      const ppm = n < 50 ? 0 : 500
      const heardAt = (n * frames * frameUs + Math.max(0, n - 50) * frames * frameUs * ppm * 1e-6) as LocalUs
      clock.observe({ frames, heardAt, queuedFrames: 0, restarted: n === 0 })
    }
    expect(clock.slew.count).to.equal(0)
    expect(clock.devicePpm).to.be.closeTo(-500, 1)
  })
})
