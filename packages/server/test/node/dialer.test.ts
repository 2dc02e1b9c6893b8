import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { Dialer } from '../../src/node/dialer.js'

class Phone {
  nowUs = 0
  readonly dialled: { readonly url: string; readonly at: number; readonly end: (mayRedial: boolean) => void }[] = []
  closed = 0
  readonly #timers: { at: number; run: () => void }[] = []
  readonly dialer = new Dialer({
    clock: { now: () => this.nowUs as ServerUs },
    timers: {
      wakeAt: (at, run) => {
        const timer = { at, run }
        this.#timers.push(timer)
        return () => this.#timers.splice(this.#timers.indexOf(timer), 1)
      },
    },
    random: { uniform: () => 0.5 },
    connect: (url, end) => {
      this.dialled.push({ url, at: this.nowUs, end })
      return { close: () => this.closed++ }
    },
  })

  pass(s: number): void {
    const endUs = this.nowUs + s * 1e6
    for (;;) {
      this.#timers.sort((a, b) => a.at - b.at)
      if (this.#timers.length === 0 || this.#timers[0]!.at > endUs) break
      const { at, run } = this.#timers.shift()!
      this.nowUs = at
      run()
    }
    this.nowUs = endUs
  }
}

describe('Dialer', () => {
  it('dials at once, and again after a loss, ever more slowly up to a minute', () => {
    const phone = new Phone()
    phone.dialer.found('a', 'ws://a')
    const gaps = Array.from({ length: 10 }, () => {
      const lostAt = phone.nowUs
      const before = phone.dialled.length
      phone.dialled.at(-1)!.end(true)
      while (phone.dialled.length === before) phone.pass(1)
      return (phone.nowUs - lostAt) / 1e6
    })
    expect(gaps).to.deep.equal([1, 2, 4, 8, 16, 32, 60, 60, 60, 60])
  })

  it('is quick again after a connection that held', () => {
    const phone = new Phone()
    phone.dialer.found('a', 'ws://a')
    for (let i = 0; i < 5; i++) {
      phone.dialled.at(-1)!.end(true)
      phone.pass(16)
    }
    phone.pass(100)
    const before = phone.nowUs
    phone.dialled.at(-1)!.end(true)
    phone.pass(10)
    expect(phone.dialled.at(-1)!.at - before).to.equal(1e6)
  })

  it('leaves a player alone that said goodbye for good, until it announces itself anew', () => {
    const phone = new Phone()
    phone.dialer.found('a', 'ws://a')
    phone.dialled[0]!.end(false)
    phone.pass(1000)
    expect(phone.dialled.length).to.equal(1)
    phone.dialer.found('a', 'ws://a')
    expect(phone.dialled.length).to.equal(2)
  })

  it('dials nobody twice, follows a changed address, and stops for what is lost', () => {
    const phone = new Phone()
    phone.dialer.found('a', 'ws://a')
    phone.dialer.found('a', 'ws://a')
    expect(phone.dialled.length).to.equal(1)
    phone.dialer.found('a', 'ws://b')
    expect(phone.dialled.map(({ url }) => url)).to.deep.equal(['ws://a', 'ws://b'])
    phone.dialled[0]!.end(true)
    phone.pass(100)
    expect(phone.dialled.length).to.equal(2)
    phone.dialled[1]!.end(true)
    phone.dialer.lost('a')
    phone.pass(100)
    expect(phone.dialled.length).to.equal(2)
  })

  it('hangs up when it stops, and dials a bounded number of strangers', () => {
    const phone = new Phone()
    for (let i = 0; i < 1000; i++) phone.dialer.found(`p${i}`, `ws://p${i}`)
    expect(phone.dialled.length).to.equal(256)
    phone.dialer.stop()
    expect(phone.closed).to.equal(256)
    for (const { end } of phone.dialled) end(true)
    phone.pass(1000)
    expect(phone.dialled.length).to.equal(256)
  })
})
