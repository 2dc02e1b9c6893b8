import type { LocalUs, ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import fc from 'fast-check'
import { SharedTelemetry } from '../src/shared-telemetry.js'
import { playoutStates, type Telemetry } from '../src/telemetry.js'

const number = fc.double()
const reports: fc.Arbitrary<Telemetry> = fc.record({
  state: fc.constantFrom(...playoutStates),
  lateUs: number,
  ppm: number,
  devicePpm: number,
  bufferedUs: number,
  starvations: fc.nat(),
  underruns: fc.nat(),
  jumps: fc.nat(),
  heardServerAt: number.map((us) => us as ServerUs),
  heardAt: number.map((us) => us as LocalUs),
  playheadFrame: number,
  slackUs: number,
  slew: fc.record({ count: fc.nat(), at: number.map((us) => us as LocalUs), us: number, ppm: number }),
})

describe('SharedTelemetry', () => {
  it('hands over every report exactly', () => {
    const buffer = new SharedArrayBuffer(SharedTelemetry.bytes)
    const [writer, reader] = [new SharedTelemetry(buffer), new SharedTelemetry(buffer)]
    fc.assert(
      fc.property(reports, (report) => {
        writer.write(report)
        expect(reader.read()).to.deep.equal(report)
      }),
    )
  })

  it('has nothing to say before the first report, and the same object until the next', () => {
    const buffer = new SharedArrayBuffer(SharedTelemetry.bytes)
    const [writer, reader] = [new SharedTelemetry(buffer), new SharedTelemetry(buffer)]
    expect(reader.read()).to.equal(undefined)
    writer.write(fc.sample(reports, { numRuns: 1, seed: 1 })[0]!)
    expect(reader.read()).to.equal(reader.read())
  })
})
