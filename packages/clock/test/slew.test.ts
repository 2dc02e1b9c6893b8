import { expect } from 'chai'
import { badWifi, busyWifi, goodWifi, type PathTraits, quietLan } from './path.js'
import { SimulatedWorld } from './simulated-world.js'

const seeds = Array.from({ length: 10 }, (_, i) => i + 1)
const slewedFromS = 200
const slewedForS = 140

interface Slewed {
  /** Of ten worlds, the 95th percentile of errors from the beginning of the slew until two minutes after its end, in µs. */
  readonly p95Us: number
  /** The same from a minute after its end on. */
  readonly afterUs: number
}

function slewed(path: PathTraits, ppm: number): Slewed {
  const all: number[] = []
  const after: number[] = []
  for (const seed of seeds) {
    const world = new SimulatedWorld(seed, path)
    world.runUntil(slewedFromS)
    for (let s = slewedFromS; s < slewedFromS + slewedForS + 120; s += 0.1) {
      if (s < slewedFromS + slewedForS) world.serverStepUs += 0.1 * ppm
      world.runUntil(s + 0.1)
      all.push(Math.abs(world.errorUs))
      if (s > slewedFromS + slewedForS + 60) after.push(Math.abs(world.errorUs))
    }
  }
  return { p95Us: percentile(all, 0.95), afterUs: percentile(after, 0.95) }
}

function percentile(values: number[], share: number): number {
  return values.sort((a, b) => a - b)[Math.floor(share * (values.length - 1))]!
}

describe('A clock that is slewed', () => {
  for (const [name, path, ppm, p95Us, afterUs] of [
    ['a quiet LAN', quietLan, 5, 40, 10],
    ['good Wi-Fi', goodWifi, 10, 160, 50],
    ['busy Wi-Fi', busyWifi, -23, 400, 80],
    ['busy Wi-Fi', busyWifi, 50, 400, 80],
    ['bad Wi-Fi', badWifi, -100, 1100, 250],
  ] as const)
    it(`by ${ppm} ppm on ${name} is off by less than ${p95Us} µs, and ${afterUs} µs a minute after the end`, () => {
      const errors = slewed(path, ppm)
      expect(errors.p95Us).to.be.below(p95Us)
      expect(errors.afterUs).to.be.below(afterUs)
    })
})
