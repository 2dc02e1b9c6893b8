import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { SessionRescue } from '../src/session-rescue.js'

const config = { silentMs: 1_300, unansweredMs: 400, firstMs: 500, quickTries: 3, longestMs: 4_000 }
const at = (ms: number) => (ms * 1000) as LocalUs
const watching = (uniform = 0) => {
  const rescue = new SessionRescue(config, { uniform: () => uniform })
  rescue.heard(at(0))
  return rescue
}
const wakeMs = (rescue: SessionRescue) => (rescue.wakeAt ?? Number.NaN) / 1000

describe('SessionRescue', () => {
  it('lies in wait for nothing while there is no session', () => {
    const rescue = new SessionRescue(config, { uniform: () => 0 })
    rescue.asked(at(5))
    expect(rescue.wakeAt).to.equal(undefined)
    expect(rescue.wake(at(10_000))).to.equal(undefined)
  })

  it('asks before it doubts, and doubts when that is not answered', () => {
    const rescue = watching()
    expect(rescue.wake(at(1_299))).to.equal(undefined)
    expect(rescue.wake(at(1_300))).to.equal('ask')
    expect(rescue.wake(at(1_699))).to.equal(undefined)
    expect(rescue.wake(at(1_700))).to.equal('dial')
    expect(rescue.isTrying).to.equal(true)
  })

  it('needs no question of its own where one is open', () => {
    const rescue = watching()
    rescue.asked(at(200))
    rescue.asked(at(1_200))
    expect(wakeMs(rescue)).to.equal(1_300)
    expect(rescue.wake(at(1_300))).to.equal('dial')
  })

  it('gives a question time to be answered', () => {
    const rescue = watching()
    rescue.asked(at(1_200))
    expect(wakeMs(rescue)).to.equal(1_600)
  })

  it('starts over whenever something comes', () => {
    const rescue = watching()
    rescue.asked(at(200))
    rescue.wake(at(1_300))
    rescue.heard(at(1_400))
    expect(rescue.isTrying).to.equal(false)
    expect(wakeMs(rescue)).to.equal(2_700)
    expect(rescue.wake(at(2_700))).to.equal('ask')
  })

  it('tries quickly at first, then ever more slowly, and never in step with others', () => {
    for (const uniform of [0, 0.5, 1]) {
      const rescue = watching(uniform)
      rescue.asked(at(0))
      const waits: number[] = []
      for (let tried = 1_300; waits.length < 9; tried = wakeMs(rescue)) {
        expect(rescue.wake(at(tried))).to.equal('dial')
        waits.push(wakeMs(rescue) - tried)
      }
      const ceilings = [500, 500, 500, 500, 1_000, 2_000, 4_000, 4_000, 4_000]
      expect(waits).to.deep.equal(ceilings.map((ceiling) => ceiling * (0.5 + 0.5 * uniform)))
    }
  })

  it('lets a connection that has opened say its hello before it tries others', () => {
    const rescue = watching()
    rescue.asked(at(0))
    rescue.wake(at(1_300))
    rescue.opened(at(1_350))
    expect(wakeMs(rescue)).to.equal(2_350)
    expect(rescue.wake(at(2_350))).to.equal('dial')
  })

  it('does not blame the network when it was the process that stood still', () => {
    const rescue = watching()
    rescue.asked(at(0))
    expect(rescue.wake(at(31_000))).to.equal(undefined)
    expect(wakeMs(rescue)).to.equal(32_300)
  })
})
