import type { ServerUs } from '@tutti/clock'
import type { TelemetryReport } from '@tutti/protocol'
import { expect } from 'chai'
import { TelemetryHistory } from '../src/telemetry-history.js'

const second = 1e6

function report(change: Partial<TelemetryReport> = {}): TelemetryReport {
  return {
    state: 'playing',
    late_us: 10,
    error_bound_us: 50,
    correction_ppm: -3,
    drift_ppm: 3,
    round_trip_us: 800,
    buffered_ms: 4900,
    starvations: 0,
    underruns: 0,
    jumps: 0,
    channel: 'stereo',
    ...change,
  }
}

/** One report a second for so long. */
function fill(
  history: TelemetryHistory,
  seconds: number,
  of: (s: number) => Partial<TelemetryReport> = () => ({}),
): void {
  for (let s = 0; s < seconds; s++) history.add('kitchen', report(of(s)), (s * second) as ServerUs)
}

describe('TelemetryHistory', () => {
  it('keeps the last ten minutes reading by reading, with the bounds of each', () => {
    const history = new TelemetryHistory()
    fill(history, 3600, (s) => ({ late_us: s }))
    const [room] = history.past('minutes')
    expect(room!.at).to.have.length(600)
    expect(room!.at.at(-1)).to.equal(3599 * second)
    expect(room!.lateUs.at(-1)).to.equal(3599)
    expect(room!.lowestUs.at(-1)).to.equal(3549)
    expect(room!.highestUs.at(-1)).to.equal(3649)
    for (const column of Object.values(room!)) if (Array.isArray(column)) expect(column).to.have.length(600)
  })

  it('sums a minute up: mean, widest bounds, longest round trip, least in store, all dropouts', () => {
    const history = new TelemetryHistory()
    fill(history, 61, (s) => ({
      late_us: s % 2 === 0 ? 0 : 20,
      error_bound_us: s === 30 ? 500 : 50,
      round_trip_us: s === 31 ? 90_000 : 800,
      buffered_ms: s === 32 ? 10 : 4900,
      starvations: s < 33 ? 0 : 2,
      drift_ppm: s,
    }))
    const [room] = history.past('day')
    expect(room!.at).to.have.length(2)
    expect(room!.lateUs[0]).to.equal(10)
    expect([room!.lowestUs[0], room!.highestUs[0]]).to.deep.equal([-500, 500])
    expect([room!.driftPpm[0], room!.roundTripUs[0], room!.bufferedMs[0], room!.dropouts[0]]).to.deep.equal([
      59, 90_000, 10, 2,
    ])
  })

  it('keeps a day of minutes and no more', () => {
    const history = new TelemetryHistory()
    for (let minute = 0; minute < 2000; minute++) history.add('kitchen', report(), (minute * 60 * second) as ServerUs)
    expect(history.past('day')[0]!.at.length).to.be.within(1440, 1441)
  })

  it('says nothing of a room that does not play but that it is there', () => {
    const history = new TelemetryHistory()
    fill(history, 5, () => ({ state: 'starved' }))
    const [room] = history.past('minutes')
    expect(room!.lateUs).to.deep.equal([null, null, null, null, null])
    expect(room!.highestUs).to.deep.equal([null, null, null, null, null])
    expect(room!.bufferedMs[0]).to.equal(4900)
  })

  it('counts dropouts from one reading to the next, also of a player that began anew', () => {
    const history = new TelemetryHistory()
    const counts = [3, 3, 5, 0, 1]
    fill(history, 5, (s) => ({ underruns: counts[s]! }))
    expect(history.past('minutes')[0]!.dropouts).to.deep.equal([0, 0, 2, 0, 1])
  })

  it('does not keep what comes too fast, and forgets rooms that are no more', () => {
    const history = new TelemetryHistory()
    for (let n = 0; n < 100; n++) history.add('kitchen', report(), (n * 1000) as ServerUs)
    history.add('attic', report(), 0 as ServerUs)
    expect(history.past('minutes')[0]!.at).to.have.length(1)
    history.keepOnly(new Set(['attic']))
    expect(history.latest.map(({ client }) => client)).to.deep.equal(['attic'])
  })
})
