import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { MonotonicClock, MonotonicTimers } from '../../src/node/index.js'

describe('MonotonicClock', () => {
  it('reads whole microseconds that never run backwards', () => {
    const clock = new MonotonicClock()
    let last = clock.now()
    for (let i = 0; i < 10_000; i++) {
      const now = clock.now()
      expect(now).to.be.at.least(last)
      expect(Number.isSafeInteger(now)).to.equal(true)
      last = now
    }
  })

  it('is the clock every thread reads: process.hrtime, not this thread’s own origin', () => {
    const before = Number(process.hrtime.bigint() / 1000n)
    const now = new MonotonicClock().now()
    const after = Number(process.hrtime.bigint() / 1000n)
    expect(now).to.be.within(before, after)
  })
})

describe('MonotonicTimers', () => {
  const clock = new MonotonicClock()
  const timers = new MonotonicTimers(clock)

  it('never wakes early', async () => {
    for (const delayUs of [-1000, 0, 1, 999, 1001, 5500]) {
      const at = (clock.now() + delayUs) as LocalUs
      const wokenAt = await new Promise<LocalUs>((resolve) => {
        timers.wakeAt(at, () => resolve(clock.now()))
      })
      expect(wokenAt).to.be.at.least(at)
    }
  })

  it('wakes in the order of time, not of asking', async () => {
    const now = clock.now()
    const order: number[] = []
    await new Promise<void>((resolve) => {
      for (const ms of [30, 10, 20]) {
        timers.wakeAt((now + ms * 1000) as LocalUs, () => {
          if (order.push(ms) === 3) resolve()
        })
      }
    })
    expect(order).to.deep.equal([10, 20, 30])
  })

  it('does not wake once cancelled', async () => {
    let woken = false
    const at = (clock.now() + 2000) as LocalUs
    timers.wakeAt(at, () => {
      woken = true
    })()
    await new Promise<void>((resolve) => {
      timers.wakeAt((at + 5000) as LocalUs, resolve)
    })
    expect(woken).to.equal(false)
  })

  it('can wait longer than setTimeout can', async () => {
    let now = 0
    const jumpy = new MonotonicTimers({ now: () => now as LocalUs })
    let woken = false
    const cancel = jumpy.wakeAt((60 * 86_400e6) as LocalUs, () => {
      woken = true
    })
    now = 1
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(woken, 'an overflowing timeout would have fired at once').to.equal(false)
    cancel()
  })
})
