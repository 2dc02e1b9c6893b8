import { expect } from 'chai'
import { House } from '../../src/house.js'
import type { LinkPreset } from '../../src/link-presets.js'
import { defaultScenario } from '../../src/scenario.js'

const joinS = 30

/** Three rooms play live music when a fourth is switched on. */
function join(network: LinkPreset, seed: number) {
  const house = new House({
    ...defaultScenario,
    rooms: 4,
    seed,
    network,
    card: 'small-buffer',
    faults: [{ type: 'joinRoom', room: 3, atS: joinS }],
  })
  house.runUntil(1.5)
  house.server.queue(true)
  const lateUs = (room: number): number | undefined => house.rooms[room]!.ear.lateUsAt(house.world.nowUs)
  /** How far the new room is from the middle one of the others, while it is heard. */
  const apartUs = (): number | undefined => {
    const late = lateUs(3)
    const others = [0, 1, 2].flatMap((room) => lateUs(room) ?? []).sort((a, b) => a - b)
    return late === undefined ? undefined : Math.abs(late - others[1]!)
  }
  const apart: { readonly atS: number; readonly us: number }[] = []
  for (let atS = joinS; atS < joinS + 30; atS += 0.02) {
    house.runUntil(atS)
    const us = apartUs()
    if (us !== undefined) apart.push({ atS, us })
  }
  const { ear } = house.rooms[3]!
  const soundS = ear.firstSoundUs! / 1e6 - joinS
  const settled = apart.filter(({ atS }) => atS > joinS + soundS + 5)
  return {
    soundS,
    firstUs: apart[0]!.us,
    settledUs: Math.max(...settled.map(({ us }) => us)),
    jumps: ear.jumps.count,
    gaps: house.rooms.map((room) => room.ear.gaps.count),
  }
}

describe('A room that joins in mid-song', () => {
  for (const [network, soundS, firstUs, settledUs] of [
    ['quiet-lan', 0.3, 100, 40],
    ['home-wifi', 0.6, 200, 200],
    ['busy-wifi', 1.3, 500, 500],
    ['edge-of-range', 5.2, 800, 1_000],
  ] as const) {
    for (const seed of [1, 2, 3, 4, 5]) {
      it(`is heard after ${soundS} s, ${firstUs} µs off at most, ${settledUs} from 5 s on, on ${network} (seed ${seed})`, () => {
        const joined = join(network, seed)
        expect(joined.soundS).to.be.below(soundS)
        expect(joined.firstUs).to.be.below(firstUs)
        expect(joined.settledUs).to.be.below(settledUs)
        expect(joined.jumps).to.equal(0)
        expect(joined.gaps).to.deep.equal([0, 0, 0, 0])
      })
    }
  }
})
