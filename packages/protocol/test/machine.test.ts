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
})
