import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { drive, type Machine } from '../src/index.js'

/** Ticks every `us` since it was last told anything. */
class Metronome implements Machine<'reset', string> {
  wakeAt: LocalUs | undefined
  readonly #us: number

  constructor(us: number) {
    this.#us = us
  }

  handle(_input: 'reset', at: LocalUs): readonly string[] {
    this.wakeAt = (at + this.#us) as LocalUs
    return [`reset ${at}`]
  }

  wake(at: LocalUs): readonly string[] {
    this.wakeAt = (at + this.#us) as LocalUs
    return [`tick ${at}`]
  }
}

describe('drive', () => {
  it('wakes a machine when it wants to be woken, and forgets the wish when an input changes it', () => {
    let now = 0
    const waiting = new Map<() => void, number>()
    const timers = {
      wakeAt(at: LocalUs, run: () => void): () => void {
        waiting.set(run, at)
        return () => waiting.delete(run)
      },
    }
    const walkTo = (until: number): void => {
      for (;;) {
        const due = [...waiting].filter(([, at]) => at <= until).sort(([, a], [, b]) => a - b)[0]
        if (due === undefined) break
        const [run, at] = due
        waiting.delete(run)
        now = at
        run()
      }
      now = until
    }
    const heard: string[] = []
    const clock = { now: () => now as LocalUs }
    const feed = drive(new Metronome(10), { clock, timers }, (output) => heard.push(output))
    walkTo(25)
    feed('reset', 25 as LocalUs)
    walkTo(40)
    expect(heard).to.deep.equal(['tick 0', 'tick 10', 'tick 20', 'reset 25', 'tick 35'])
    expect(waiting.size).to.equal(1)
  })
})
