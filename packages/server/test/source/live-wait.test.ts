import { setImmediate } from 'node:timers/promises'
import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { LiveWait } from '../../src/node/source/live-wait.js'

const us = (reading: number) => reading as ServerUs

/** A wait at 0, and the timers it has set. */
function waiting() {
  const wakes = new Map<number, () => void>()
  const abort = new AbortController()
  const timers = {
    wakeAt: (at: ServerUs, run: () => void) => {
      wakes.set(at, run)
      return () => void wakes.delete(at)
    },
  }
  const wait = new LiveWait({ now: () => us(0) }, timers, abort.signal)
  return { wait, wakes, abort }
}

/** Whether it has come to its end by now. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  return Promise.race([promise.then(() => true), setImmediate(false)])
}

describe('LiveWait', () => {
  it('looks at whatever has come, until it is what is waited for', async () => {
    const { wait, wakes } = waiting()
    let isThere = false
    const over = wait.until(() => isThere, us(10_000))
    wait.lookAgain()
    expect(await isOver(over)).to.equal(false)
    isThere = true
    expect(await isOver(over)).to.equal(false)
    wait.lookAgain()
    expect(await isOver(over)).to.equal(true)
    expect(wakes.size).to.equal(0)
  })

  it('waits for nothing that is there, and not at all when it is too late', async () => {
    const { wait } = waiting()
    expect(await isOver(wait.until(() => true, us(10_000)))).to.equal(true)
    expect(await isOver(wait.until(() => false, us(0)))).to.equal(true)
  })

  it('gives up when its time has come', async () => {
    const { wait, wakes } = waiting()
    const over = wait.until(() => false, us(10_000))
    expect(await isOver(over)).to.equal(false)
    wakes.get(10_000)!()
    expect(await isOver(over)).to.equal(true)
  })

  it('sleeps until it is time, or the source is closed', async () => {
    const { wait, wakes, abort } = waiting()
    const first = wait.sleep(5_000)
    expect(await isOver(first)).to.equal(false)
    wakes.get(5_000)!()
    expect(await isOver(first)).to.equal(true)
    const second = wait.sleep(7_000)
    expect(await isOver(second)).to.equal(false)
    abort.abort()
    expect(await isOver(second)).to.equal(true)
    expect(wakes.size).to.equal(0)
    expect(await isOver(wait.sleep(9_000))).to.equal(true)
  })

  it('waits no longer for what is to come when the source is closed', async () => {
    const { wait, abort } = waiting()
    const over = wait.until(() => false, us(10_000))
    abort.abort()
    wait.lookAgain()
    expect(await isOver(over)).to.equal(true)
  })
})
