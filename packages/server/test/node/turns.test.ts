import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { Turns } from '../../src/node/turns.js'

/** An event loop of which each turn is taken by hand. */
class Loop {
  nowUs = 0
  readonly later: (() => void)[] = []
  readonly turns = new Turns({ now: () => this.nowUs as ServerUs }, (run) => this.later.push(run))

  turn(): void {
    for (const run of this.later.splice(0)) run()
  }
}

describe('Turns', () => {
  it('lets the event loop in after a millisecond of work, and goes on in order', () => {
    const loop = new Loop()
    const done: number[] = []
    for (let task = 0; task < 10; task++) {
      loop.turns.take(() => {
        done.push(task)
        loop.nowUs += 300
      })
    }
    expect(done, 'nothing at once').to.deep.equal([])
    loop.turn()
    expect(done).to.deep.equal([0, 1, 2, 3])
    loop.turn()
    loop.turn()
    expect(done).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    loop.turn()
    expect(loop.later, 'no turn is asked for when there is nothing to do').to.deep.equal([])
  })

  it('does at least one thing a turn, however long it takes', () => {
    const loop = new Loop()
    let done = 0
    for (let task = 0; task < 3; task++) {
      loop.turns.take(() => {
        done++
        loop.nowUs += 50_000
      })
    }
    for (let turn = 0; turn < 3; turn++) loop.turn()
    expect(done).to.equal(3)
  })

  it('takes work that comes up while it works', () => {
    const loop = new Loop()
    const done: string[] = []
    loop.turns.take(() => {
      done.push('first')
      loop.turns.take(() => done.push('second'))
    })
    loop.turn()
    loop.turn()
    expect(done).to.deep.equal(['first', 'second'])
  })
})
