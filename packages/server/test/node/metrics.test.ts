import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { describeMetrics } from '../../src/node/metrics.js'
import type { ServerStatus } from '../../src/status.js'
import type { Reading } from '../../src/telemetry-history.js'

const now = 100e6

const status = {
  server: { id: 's', name: 'Home' },
  at: now as ServerUs,
  groups: [
    {
      id: 'g',
      name: 'Down "stairs"',
      state: 'playing',
      clients: [
        { id: 'kitchen', name: 'Kitchen', isConnected: true },
        { id: 'bath', name: 'Bath', isConnected: false },
      ],
    },
  ],
} as unknown as ServerStatus

function reading(change: Partial<Reading> = {}): Reading {
  return {
    client: 'kitchen',
    at: now as ServerUs,
    state: 'playing',
    lateUs: -250,
    errorBoundUs: 70,
    ppm: -12.5,
    driftPpm: undefined,
    roundTripUs: 900,
    bufferedMs: 4900,
    starvations: 2,
    underruns: 3,
    jumps: 1,
    channel: 'stereo',
    output: undefined,
    ...change,
  }
}

/** Each line that is not a comment, as name and value. */
async function samples(...readings: readonly Reading[]): Promise<ReadonlyMap<string, number>> {
  const lines = (await describeMetrics(status, readings))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

describe('describeMetrics', () => {
  const of = (name: string) => `tutti_room_${name}{room="kitchen",name="Kitchen"}`

  it('tells of a room in base units, negative ones too', async () => {
    const told = await samples(reading())
    expect(told.get(of('late_seconds'))).to.equal(-250e-6)
    expect(told.get(of('clock_error_bound_seconds'))).to.be.closeTo(70e-6, 1e-12)
    expect(told.get(of('rate_correction_ppm'))).to.equal(-12.5)
    expect(told.get(of('buffered_seconds'))).to.equal(4.9)
    expect(told.get(of('playing'))).to.equal(1)
  })

  it('counts what only grows as counters', async () => {
    const text = await describeMetrics(status, [reading()])
    for (const name of ['starvations', 'underruns', 'jumps']) {
      expect(text).to.contain(`# TYPE tutti_room_${name}_total counter`)
    }
    expect((await samples(reading())).get(of('underruns_total'))).to.equal(3)
  })

  it('says nothing of what is not known, of silent rooms and of rooms that are no more', async () => {
    expect((await samples(reading())).has(of('clock_drift_ppm'))).to.equal(false)
    const silent = await samples(reading({ at: (now - 11e6) as ServerUs }), reading({ client: 'gone' }))
    expect([...silent.keys()].filter((name) => name.includes('late_seconds'))).to.deep.equal([])
  })

  it('says who is there, and who plays, by names as they are', async () => {
    const told = await samples()
    expect(told.get('tutti_room_connected{room="bath",name="Bath"}')).to.equal(0)
    expect(told.get('tutti_room_connected{room="kitchen",name="Kitchen"}')).to.equal(1)
    expect(told.get('tutti_group_playing{group="g",name="Down \\"stairs\\""}')).to.equal(1)
  })
})
