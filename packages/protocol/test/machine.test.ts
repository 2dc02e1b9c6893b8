import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { drive, type Machine } from '../src/index.js'
import { HandTime } from './hand-time.js'

/** Ticks every 10 µs since it was last told anything. */
class Metronome implements Machine<'reset', string> {
  wakeAt: LocalUs | undefined

  handle(_input: 'reset', at: LocalUs): readonly string[] {
    this.wakeAt = (at + 10) as LocalUs
    return [`reset ${at}`]
  }

  wake(at: LocalUs): readonly string[] {
    this.wakeAt = (at + 10) as LocalUs
    return [`tick ${at}`]
  }
}

describe('drive', () => {
  it('wakes a machine when it wants to be woken, and forgets the wish when an input changes it', () => {
    const time = new HandTime()
    const heard: string[] = []
    const feed = drive(new Metronome(), { clock: time, timers: time }, (output) => heard.push(output))
    time.pass(25)
    feed('reset', time.now())
    time.pass(15)
    expect(heard).to.deep.equal(['tick 0', 'tick 10', 'tick 20', 'reset 25', 'tick 35'])
    expect(time.waiting).to.equal(1)
  })

  it('sets a timer once for a wish that does not change, and again for one that is repeated after it was granted', () => {
    const time = new HandTime()
    let wanted = 10 as LocalUs
    let woken = 0
    const machine: Machine<'news', never> = {
      get wakeAt() {
        return wanted
      },
      handle: () => [],
      wake: (at) => {
        woken++
        if (woken > 2) wanted = (at + 10) as LocalUs
        return []
      },
    }
    const set: LocalUs[] = []
    const wakeAt = (at: LocalUs, run: () => void) => {
      set.push(at)
      return time.wakeAt(at, run)
    }
    const feed = drive(machine, { clock: time, timers: { wakeAt } }, () => {})
    feed('news', time.now())
    feed('news', time.now())
    expect(set).to.deep.equal([10])
    time.pass(25)
    expect(set).to.deep.equal([10, 10, 20, 30])
    expect(woken).to.equal(4)
  })
})
