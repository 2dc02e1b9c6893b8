import { expect } from 'chai'
import fc from 'fast-check'
import { groupMuted, groupVolume, scaleGroupVolume, spreadGroupVolume, VolumeBalance } from '../src/group-volume.js'

const percent = fc.integer({ min: 0, max: 100 })
const rooms = fc.array(percent, { minLength: 1, maxLength: 12 })
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('spreadGroupVolume', () => {
  it('reaches the requested mean as closely as rounding allows, whatever the rooms stand at', () => {
    fc.assert(
      fc.property(rooms, percent, (volumes, requested) => {
        expect(mean(spreadGroupVolume(volumes, requested))).to.be.closeTo(requested, 0.5)
      }),
    )
  })

  it('gives whole numbers from 0 to 100', () => {
    fc.assert(
      fc.property(rooms, percent, (volumes, requested) => {
        for (const volume of spreadGroupVolume(volumes, requested)) {
          expect(Number.isInteger(volume) && volume >= 0 && volume <= 100).to.equal(true)
        }
      }),
    )
  })

  it('never turns the order of the rooms around', () => {
    fc.assert(
      fc.property(rooms, percent, (volumes, requested) => {
        const spread = spreadGroupVolume(volumes, requested)
        for (const [i, a] of volumes.entries()) {
          for (const [j, b] of volumes.entries()) if (a < b) expect(spread[i]).to.be.at.most(spread[j]!)
        }
      }),
    )
  })

  it('keeps the distances between rooms that no limit stops', () => {
    expect(spreadGroupVolume([20, 40, 60], 50)).to.deep.equal([30, 50, 70])
  })

  it('lets the others make up for a room that is already as loud as it goes', () => {
    expect(spreadGroupVolume([90, 30], 80)).to.deep.equal([100, 60])
    expect(spreadGroupVolume([100, 90, 10], 90)).to.deep.equal([100, 100, 70])
  })

  it('brings every room to the limit when the limit is asked for', () => {
    fc.assert(
      fc.property(rooms, (volumes) => {
        expect(spreadGroupVolume(volumes, 100)).to.deep.equal(volumes.map(() => 100))
        expect(spreadGroupVolume(volumes, 0)).to.deep.equal(volumes.map(() => 0))
      }),
    )
  })
})

describe('scaleGroupVolume', () => {
  it('reaches the requested mean as closely as rounding allows, in whole numbers from 0 to 100', () => {
    fc.assert(
      fc.property(rooms, percent, (volumes, requested) => {
        const scaled = scaleGroupVolume(volumes, requested)
        expect(mean(scaled)).to.be.closeTo(requested, 0.5)
        for (const volume of scaled) expect(Number.isInteger(volume) && volume >= 0 && volume <= 100).to.equal(true)
      }),
    )
  })

  it('keeps the ratios of rooms that are not as loud as they go', () => {
    fc.assert(
      fc.property(rooms, percent, (volumes, requested) => {
        const scaled = scaleGroupVolume(volumes, requested)
        for (const [i, a] of volumes.entries()) {
          for (const [j, b] of volumes.entries()) {
            if (a === 0 || b === 0 || scaled[i]! >= 100 || scaled[j]! >= 100) continue
            // Half a percent of rounding on either side.
            expect(Math.abs(scaled[i]! * b - scaled[j]! * a)).to.be.at.most(0.5 * (a + b) + 1e-6)
          }
        }
      }),
    )
  })

  it('lets the others make up for a room that is already as loud as it goes', () => {
    expect(scaleGroupVolume([80, 40], 30)).to.deep.equal([40, 20])
    expect(scaleGroupVolume([80, 40], 90)).to.deep.equal([100, 80])
    expect(scaleGroupVolume([60, 0], 80)).to.deep.equal([100, 60])
    expect(scaleGroupVolume([0, 0], 20)).to.deep.equal([20, 20])
  })
})

describe('VolumeBalance', () => {
  const volumes = fc.dictionary(fc.string({ minLength: 1 }), percent, { minKeys: 1, maxKeys: 8 })

  it('finds every room where it was after any way down and up again', () => {
    fc.assert(
      fc.property(volumes, fc.array(percent, { maxLength: 8 }), (start, way) => {
        const rooms = new Map(Object.entries(start))
        const average = mean([...rooms.values()])
        const balance = new VolumeBalance()
        let now: ReadonlyMap<string, number> = rooms
        for (const step of [...way, 0, average]) now = balance.scale(now, step)
        expect([...now]).to.deep.equal([...rooms])
      }),
    )
  })

  it('begins anew from where the rooms stand once one has been set by itself', () => {
    const balance = new VolumeBalance()
    const quiet = balance.scale(
      new Map([
        ['a', 80],
        ['b', 40],
      ]),
      6,
    )
    expect([...quiet]).to.deep.equal([
      ['a', 8],
      ['b', 4],
    ])
    const set = new Map([...quiet, ['b', 8]])
    expect([...balance.scale(set, 40)]).to.deep.equal([
      ['a', 40],
      ['b', 40],
    ])
  })
})

describe('groupVolume', () => {
  it('is the rounded mean, and unknown without players', () => {
    expect(groupVolume([10, 21])).to.equal(16)
    expect(groupVolume([])).to.equal(undefined)
  })
})

describe('groupMuted', () => {
  it('is true only when every player is muted, and unknown without players', () => {
    expect(groupMuted([true, true])).to.equal(true)
    expect(groupMuted([true, false])).to.equal(false)
    expect(groupMuted([])).to.equal(undefined)
  })
})
