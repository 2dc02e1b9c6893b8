import type { LocalUs, Random } from '@tutti/clock'
import { expect } from 'chai'
import fc from 'fast-check'
import { Reconnect } from '../src/reconnect.js'

const config = { firstMs: 200, longestMs: 15_000, stableMs: 60_000 }
const at = (us: number) => us as LocalUs
const drawing = (uniform: number): Random => ({ uniform: () => uniform })

describe('Reconnect', () => {
  it('waits between half of a ceiling and all of it, and the ceiling doubles up to its limit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (uniform) => {
        const reconnect = new Reconnect(config, drawing(uniform))
        for (let n = 0; n < 100; n++) {
          const waitMs = (reconnect.retryAt(at(0)) as number) / 1000
          const ceilingMs = Math.min(config.longestMs, config.firstMs * 2 ** n)
          expect(waitMs).to.be.within(ceilingMs / 2, ceilingMs)
        }
      }),
    )
  })

  it('is quick again after a connection that lasted a minute', () => {
    const reconnect = new Reconnect(config, drawing(0))
    for (let n = 0; n < 10; n++) reconnect.retryAt(at(0))
    reconnect.connected(at(0))
    expect(reconnect.retryAt(at(60e6))).to.equal(60e6 + 100_000)
    expect(reconnect.failures).to.equal(1)
  })

  it('keeps backing off from a server that accepts and drops', () => {
    const reconnect = new Reconnect(config, drawing(0))
    for (let n = 0; n < 5; n++) {
      reconnect.connected(at(0))
      reconnect.retryAt(at(1e6))
    }
    reconnect.connected(at(0))
    expect((reconnect.retryAt(at(1e6)) as number) - 1e6).to.equal(3_200_000)
  })
})
