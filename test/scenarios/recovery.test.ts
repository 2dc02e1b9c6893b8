/** Whatever happens to a house, its rooms end in step again. */
import { defaultScenario, type Fault, type LinkPreset, simulate } from '@tutti/sim'
import { expect } from 'chai'

const minutes = 4
const networks: readonly LinkPreset[] = ['quiet-lan', 'home-wifi']

interface Misfortune {
  readonly what: string
  readonly faults: readonly Fault[]
  /** By then all rooms must be within a millisecond of each other, for good. */
  readonly inStepByS: number
  /** Silences and jumps it may cost, all rooms together. */
  readonly cost: { readonly silences: number; readonly jumps: number }
}

const misfortunes: readonly Misfortune[] = [
  {
    what: 'the server is killed for five seconds and started again',
    faults: [{ type: 'killServer', atS: 60, forS: 5 }],
    inStepByS: 80,
    cost: { silences: 4, jumps: 0 },
  },
  {
    what: 'a room is frozen for five seconds',
    faults: [{ type: 'freezeRoom', room: 1, atS: 60, forS: 5 }],
    inStepByS: 70,
    cost: { silences: 1, jumps: 0 },
  },
  {
    what: 'a room is killed and started again five seconds later',
    faults: [{ type: 'restartRoom', room: 1, atS: 60, forS: 5 }],
    inStepByS: 70,
    cost: { silences: 1, jumps: 0 },
  },
  {
    what: 'a room joins in mid-song',
    faults: [{ type: 'joinRoom', room: 2, atS: 60 }],
    inStepByS: 63,
    cost: { silences: 0, jumps: 0 },
  },
  {
    what: 'a room sleeps for half a minute, its clock with it',
    faults: [{ type: 'suspendRoom', room: 0, atS: 60, forS: 30 }],
    inStepByS: 100,
    cost: { silences: 2, jumps: 2 },
  },
  {
    what: 'a room loses its network for four seconds',
    faults: [{ type: 'loseNetwork', room: 3, atS: 60, forS: 4 }],
    inStepByS: 70,
    cost: { silences: 1, jumps: 0 },
  },
  {
    what: 'a room changes its sound card',
    faults: [{ type: 'changeCard', room: 1, atS: 60, card: 'usb' }],
    inStepByS: 75,
    cost: { silences: 1, jumps: 0 },
  },
  {
    what: 'a clock jumps by a second',
    faults: [{ type: 'stepClock', room: 0, atS: 60, byMs: 1000 }],
    inStepByS: 70,
    cost: { silences: 1, jumps: 0 },
  },
  {
    what: 'a clock is slewed by 500 ppm for half a minute',
    faults: [{ type: 'slewClock', room: 1, atS: 60, forS: 30, ppm: 500 }],
    inStepByS: 125,
    cost: { silences: 0, jumps: 0 },
  },
  {
    what: 'a clock is slewed by 5 ppm for a minute',
    faults: [{ type: 'slewClock', room: 1, atS: 60, forS: 60, ppm: -5 }],
    inStepByS: 60,
    cost: { silences: 0, jumps: 0 },
  },
  {
    what: 'a clock jumps by three milliseconds',
    faults: [{ type: 'stepClock', room: 2, atS: 60, byMs: 3 }],
    inStepByS: 65,
    cost: { silences: 0, jumps: 0 },
  },
]

describe('Rooms end in step again', () => {
  for (const network of networks)
    for (const { what, faults, inStepByS, cost } of misfortunes)
      it(`on ${network} when ${what}`, () => {
        for (const seed of [1, 2, 3]) {
          const report = simulate({ ...defaultScenario, network, seed, faults, hours: minutes / 60 })
          expect(report.inStepSinceS, `seed ${seed}: in step at the end`).to.not.equal(undefined)
          expect(report.inStepSinceS, `seed ${seed}: in step by`).to.be.at.most(inStepByS)
          expect(report.gaps, `seed ${seed}: silences`).to.be.at.most(cost.silences)
          expect(report.jumps, `seed ${seed}: jumps`).to.be.at.most(cost.jumps)
          expect(report.spreadUs.p50, `seed ${seed}`).to.be.below(250)
        }
      }).timeout(60_000)
})
