import type { LocalUs, ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import fc from 'fast-check'
import { channelModes, type PlayoutControl } from '../src/control.js'
import { SharedControl } from '../src/shared-control.js'

const number = fc.double({ noNaN: true })
const controls: fc.Arbitrary<PlayoutControl> = fc.record({
  clock: fc.option(
    fc.record({
      localAt: number.map((us) => us as LocalUs),
      serverAt: number.map((us) => us as ServerUs),
      driftPpm: number,
      errorBoundUs: number,
      errorGrowthPpm: number,
    }),
    { nil: undefined },
  ),
  anchor: fc.option(
    fc.record({ epoch: fc.nat(), frame: number, serverAt: number.map((us) => us as ServerUs), sampleRate: number }),
    { nil: undefined },
  ),
  gain: number,
  outputDelayUs: number,
  channelMode: fc.constantFrom(...channelModes),
})

describe('SharedControl', () => {
  for (const Buffer of [SharedArrayBuffer, ArrayBuffer])
    it(`hands over every control exactly, over a ${Buffer.name}`, () => {
      const buffer = new Buffer(SharedControl.bytes)
      const [writer, reader] = [new SharedControl(buffer), new SharedControl(buffer)]
      fc.assert(
        fc.property(controls, (control) => {
          writer.write(control)
          expect(reader.read()).to.deep.equal(control)
          expect(writer.read()).to.equal(control)
        }),
      )
    })

  it('says that nothing is to be played before anything was written', () => {
    const { clock, anchor, gain } = new SharedControl(new SharedArrayBuffer(SharedControl.bytes)).read()
    expect({ clock, anchor, gain }).to.deep.equal({ clock: undefined, anchor: undefined, gain: 0 })
  })

  it('returns the same object while nothing is written, and leaves it alone afterwards', () => {
    const buffer = new SharedArrayBuffer(SharedControl.bytes)
    const [writer, reader] = [new SharedControl(buffer), new SharedControl(buffer)]
    const control: PlayoutControl = { ...reader.read(), gain: 0.25 }
    writer.write(control)
    const seen = reader.read()
    expect(reader.read()).to.equal(seen)
    writer.write({ ...control, gain: 0.5 })
    expect(reader.read().gain).to.equal(0.5)
    expect(seen.gain).to.equal(0.25)
  })
})
