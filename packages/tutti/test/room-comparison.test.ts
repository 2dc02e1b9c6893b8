import { expect } from 'chai'
import { compareEveryUs, type Hearing, RoomComparison } from '../src/room-comparison.js'

/** What a room reports that is `lateUs` late at time 0 and falls behind by `ppm`. */
function hear({ lateUs, ppm = 0, everyUs = 43_210, fromUs = 0, untilUs = 2e6 }: Room): readonly Hearing[] {
  const hearings: Hearing[] = []
  for (let at = fromUs; at <= untilUs; at += everyUs) {
    hearings.push({ trueHeardAtUs: at, heardServerAtUs: at - lateUs - at * ppm * 1e-6 })
  }
  return hearings
}

interface Room {
  readonly lateUs: number
  readonly ppm?: number
  readonly everyUs?: number
  readonly fromUs?: number
  readonly untilUs?: number
}

function compare(rooms: Readonly<Record<string, readonly Hearing[]>>) {
  const comparison = new RoomComparison(Object.keys(rooms))
  comparison.compare(0)
  for (const [room, hearings] of Object.entries(rooms)) {
    for (const hearing of hearings) comparison.add(room, hearing)
  }
  return comparison.compare(3e6).filter(({ atUs }) => atUs > 0 && atUs <= 1.5e6)
}

describe('RoomComparison', () => {
  it('compares rooms that report at different moments at the same instants', () => {
    const comparisons = compare({
      kitchen: hear({ lateUs: 5000, ppm: 100, everyUs: 40_000 }),
      hall: hear({ lateUs: 5130, everyUs: 51_000, fromUs: -20_000 }),
      attic: hear({ lateUs: 4900, everyUs: 33_333, fromUs: -7_000 }),
    })
    expect(comparisons.map(({ atUs }) => atUs)).to.include.members([compareEveryUs, 15 * compareEveryUs])
    for (const { atUs, offsetsUs, spreadUs } of comparisons) {
      const kitchenUs = atUs * 1e-4 // 100 ppm
      const median = Math.min(5130, 5000 + kitchenUs) - 5000
      expect(offsetsUs.get('kitchen')).to.be.closeTo(kitchenUs - median, 1e-6)
      expect(offsetsUs.get('attic')).to.be.closeTo(-100 - median, 1e-6)
      expect(spreadUs).to.be.closeTo(Math.max(130, kitchenUs) + 100, 1e-6)
    }
  })

  it('does not know the spread while a room is silent, has stopped reporting, or has not begun', () => {
    const steady = hear({ lateUs: 0 })
    const silent = steady.map((hearing, i) => (i === 20 ? { ...hearing, heardServerAtUs: Number.NaN } : hearing))
    const stopped = steady.filter(({ trueHeardAtUs }) => trueHeardAtUs < 0.8e6 || trueHeardAtUs > 1.3e6)
    const late = steady.filter(({ trueHeardAtUs }) => trueHeardAtUs > 0.5e6)
    const unknownAt = (hearings: readonly Hearing[]) =>
      compare({ steady, other: hearings })
        .filter(({ spreadUs }) => spreadUs === undefined)
        .map(({ atUs }) => atUs / 1e5)
    expect(unknownAt(steady)).to.deep.equal([])
    expect(unknownAt(silent)).to.deep.equal([9])
    expect(unknownAt(stopped)).to.deep.equal([8, 9, 10, 11, 12, 13])
    expect(unknownAt(late)).to.deep.equal([1, 2, 3, 4, 5])
  })

  it('compares the others while a room is missing', () => {
    const comparisons = compare({ a: hear({ lateUs: 10 }), b: hear({ lateUs: 30 }), c: [] })
    expect(comparisons[3]!.spreadUs).to.equal(undefined)
    expect([...comparisons[3]!.offsetsUs]).to.deep.equal([
      ['a', -10],
      ['b', 10],
    ])
  })
})
