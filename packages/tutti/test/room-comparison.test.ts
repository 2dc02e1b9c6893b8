import { expect } from 'chai'
import { type HeardWindow, WindowCutter, windowEveryUs, windowFrames } from '../src/heard-window.js'
import { mixMusic } from '../src/music.js'
import { compareRooms, RoomComparison } from '../src/room-comparison.js'

const nominalRate = 48_000
const periodFrames = 480

/** A room whose card is `ppm` fast and plays the music `lateUs` late, perfectly resampled; returns what it is heard to play. */
function listenTo({ ppm, lateUs, fromUs = 0, seconds = 1 }: Room): readonly HeardWindow[] {
  const windows: HeardWindow[] = []
  const rate = nominalRate * (1 + ppm * 1e-6)
  const cutter = new WindowCutter(rate, (window) => windows.push(window))
  for (let frame = 0; frame < seconds * rate; frame += periodFrames) {
    const heardAtUs = fromUs + (frame * 1e6) / rate
    const period = Float32Array.from({ length: periodFrames }, (_, i) => musicAt(heardAtUs + (i * 1e6) / rate - lateUs))
    cutter.hear(heardAtUs, periodFrames, [period, period])
  }
  return windows
}

interface Room {
  readonly ppm: number
  readonly lateUs: number
  readonly fromUs?: number
  readonly seconds?: number
}

const left = new Float32Array(3 * nominalRate)
mixMusic(60 * nominalRate, [left, new Float32Array(left.length)])

/** The music at an instant between its samples; 32-point windowed sinc. */
function musicAt(us: number): number {
  const position = ((us + 500_000) * nominalRate) / 1e6
  const centre = Math.floor(position)
  let sum = 0
  for (let k = centre - 15; k <= centre + 16; k++) {
    const x = position - k
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
    sum += (left[k] ?? 0) * sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / 17))
  }
  return sum
}

describe('WindowCutter', () => {
  it('cuts whole windows at the same instants whatever the card and wherever it began', () => {
    for (const room of [
      { ppm: 60, lateUs: 0, fromUs: 12_345 },
      { ppm: -45, lateUs: 0, fromUs: 201_001.3 },
    ]) {
      const windows = listenTo(room)
      expect(windows.length).to.be.at.least(3)
      for (const { dueAtUs, startedAtUs, frameUs, samples } of windows) {
        expect(dueAtUs % windowEveryUs).to.equal(0)
        expect(startedAtUs - dueAtUs).to.be.within(0, frameUs)
        expect(samples).to.have.length(windowFrames)
      }
    }
  })

  it('drops a window with a break in it', () => {
    const windows: HeardWindow[] = []
    const cutter = new WindowCutter(nominalRate, (window) => windows.push(window))
    const period = new Float32Array(periodFrames)
    for (let i = 0; i < 100; i++) cutter.hear(i * 10_000 + (i >= 10 ? 30_000 : 0), periodFrames, [period])
    expect(windows.map(({ dueAtUs }) => dueAtUs)).to.deep.equal([250_000, 500_000, 750_000])
  })
})

describe('compareRooms', () => {
  it('finds true offsets to a microsecond, between cards of different speed', () => {
    const rooms = { kitchen: { ppm: 60, lateUs: 0 }, hall: { ppm: -45, lateUs: 130 }, attic: { ppm: 10, lateUs: -75 } }
    const windows = new Map(Object.entries(rooms).map(([name, room]) => [name, listenTo(room)[1]!]))
    const { offsetsUs, spreadUs } = compareRooms(0, windows, 3)
    expect(offsetsUs.get('kitchen')).to.be.closeTo(0, 1)
    expect(offsetsUs.get('hall')).to.be.closeTo(130, 1)
    expect(offsetsUs.get('attic')).to.be.closeTo(-75, 1)
    expect(spreadUs).to.be.closeTo(205, 1)
  })

  it('measures up to 50 ms', () => {
    const windows = new Map([
      ['a', listenTo({ ppm: 0, lateUs: 0 })[1]!],
      ['b', listenTo({ ppm: 0, lateUs: 45_000 })[1]!],
    ])
    expect(compareRooms(0, windows, 2).spreadUs).to.be.closeTo(45_000, 1)
  })

  it('does not know the spread while a room is silent or missing', () => {
    const [, window] = listenTo({ ppm: 0, lateUs: 0 })
    const silent = { ...window!, samples: new Float32Array(windowFrames) }
    expect(
      compareRooms(
        0,
        new Map([
          ['a', window!],
          ['b', silent],
        ]),
        2,
      ).spreadUs,
    ).to.equal(undefined)
    expect(
      compareRooms(
        0,
        new Map([
          ['a', window!],
          ['b', window!],
        ]),
        3,
      ).spreadUs,
    ).to.equal(undefined)
    expect(compareRooms(0, new Map(), 3).offsetsUs.size).to.equal(0)
  })
})

describe('RoomComparison', () => {
  it('compares when every room has been heard, and does not wait for ever for one that is not', () => {
    const windows = listenTo({ ppm: 0, lateUs: 0, seconds: 2.5 })
    const comparison = new RoomComparison(['a', 'b'])
    expect(comparison.add('a', windows[0]!)).to.deep.equal([])
    const [both] = comparison.add('b', windows[0]!)
    expect(both!.spreadUs).to.be.closeTo(0, 1e-3)
    const late = windows.slice(1).flatMap((window) => comparison.add('a', window))
    expect(late).to.have.length.greaterThan(0)
    expect(late[0]).to.include({ spreadUs: undefined, atUs: windows[1]!.dueAtUs })
  })
})
