import { expect } from 'chai'
import { ClockSync } from '../src/clock-sync.js'
import type { LocalUs } from '../src/reading.js'
import { exchangeOf } from './exchange-factory.js'
import { quantile } from './figures.js'
import { badWifi, goodWifi, quietLan } from './path.js'
import { SeededRandom } from './seeded-random.js'
import { SimulatedWorld } from './simulated-world.js'

function lockedSync(): { sync: ClockSync; at: number } {
  const sync = new ClockSync({ random: new SeededRandom(1) })
  sync.start(0 as LocalUs)
  let at = 0
  while (sync.state !== 'locked') at = probe(sync, sync.probeDueAt!)
  return { sync, at }
}

/** One probe sent at `at` and answered 400 µs later; returns when. */
function probe(sync: ClockSync, at: number, offsetUs = 1000): number {
  sync.probeSent(at as LocalUs)
  sync.replyReceived(exchangeOf({ sentAt: at, offsetUs, outwardUs: 200, backUs: 200 }))
  return at + 400
}

describe('ClockSync', () => {
  it('locks within half a second on a LAN and on good Wi-Fi', () => {
    for (const path of [quietLan, goodWifi]) {
      for (let seed = 0; seed < 50; seed++) {
        const world = new SimulatedWorld(seed, path)
        expect(world.sync.state).to.equal('measuring')
        world.runUntil(0.5)
        expect(world.sync.state, `seed ${seed}`).to.equal('locked')
        expect(world.sync.uncertaintyUs).to.be.at.most(500)
      }
    }
  })

  it('locks within three seconds on bad Wi-Fi, nine times of ten, and is then off by less than a millisecond', () => {
    const lockedAtS: number[] = []
    const errorsUs: number[] = []
    for (let seed = 1; seed <= 100; seed++) {
      const world = new SimulatedWorld(seed, badWifi)
      for (let s = 1; world.sync.state === 'measuring'; s += 0.02) world.runUntil(s)
      lockedAtS.push(world.trueUs / 1e6)
      errorsUs.push(Math.abs(world.errorUs))
    }
    expect(quantile(Float64Array.from(lockedAtS).sort(), 0.9)).to.be.below(3)
    expect(quantile(Float64Array.from(errorsUs).sort(), 0.9)).to.be.below(1000)
  })

  it('asks for less the longer it has waited on a bad path, and is then no worse than the ear fuses', () => {
    for (let seed = 0; seed < 50; seed++) {
      const world = new SimulatedWorld(seed, badWifi)
      world.runUntil(9)
      expect(world.sync.state, `seed ${seed}`).to.equal('locked')
      expect(world.sync.uncertaintyUs).to.be.below(5000)
    }
  })

  it('does not take a reply to a probe it did not send, nor a second reply', () => {
    const { sync, at } = lockedSync()
    const before = sync.model
    sync.replyReceived(exchangeOf({ sentAt: at + 5, offsetUs: 0, outwardUs: 1, backUs: 1 }))
    sync.probeSent((at + 10) as LocalUs)
    const exchange = exchangeOf({ sentAt: at + 10, offsetUs: 1000, outwardUs: 200, backUs: 200 })
    expect(sync.model).to.equal(before)
    sync.replyReceived(exchange)
    sync.replyReceived(exchange)
    expect(sync.ignored).to.equal(2)
  })

  it('is in holdover while the server is silent, and locked again with its first answer', () => {
    const { sync, at } = lockedSync()
    while (sync.probeDueAt! < at + 7e6) sync.probeSent(sync.probeDueAt!)
    expect(sync.state).to.equal('holdover')
    expect(sync.model).not.to.equal(undefined)
    expect(sync.lost).to.be.above(0)
    probe(sync, sync.probeDueAt!)
    expect(sync.state).to.equal('locked')
  })

  it('suspects a suspend when a probe is sent long after it was due, and asks quickly', () => {
    const { sync } = lockedSync()
    const wokeAt = sync.probeDueAt! + 60e6
    sync.probeSent(wokeAt as LocalUs)
    expect(sync.state).to.equal('holdover')
    expect(sync.probeDueAt! - wokeAt).to.be.below(60_000)
    sync.replyReceived(exchangeOf({ sentAt: wokeAt, offsetUs: 1000, outwardUs: 200, backUs: 200 }))
    expect(sync.state).to.equal('locked')
  })

  it('measures again after a disturbance, with dense probes', () => {
    const { sync, at } = lockedSync()
    sync.disturb((at + 1000) as LocalUs)
    expect(sync.state).to.equal('measuring')
    expect(sync.model).to.equal(undefined)
    expect(sync.probeDueAt).to.equal(at + 1000)
  })

  it('asks again within 50 ms when an answer contradicts all others', () => {
    const world = new SimulatedWorld(1, quietLan)
    world.runUntil(60)
    const ignored = world.sync.ignored
    world.serverStepUs = 3e6
    while (world.sync.ignored === ignored) world.runUntil(world.trueUs / 1e6 + 0.005)
    world.runUntil(world.trueUs / 1e6 + 0.2)
    expect(world.sync.steps).to.equal(1)
    expect(Math.abs(world.errorUs)).to.be.below(100)
  })

  it('says that too little is known from the first answer on that shows a step of more than playback can bend', () => {
    for (const [stepUs, state] of [
      [4_000, 'locked'],
      [40_000, 'measuring'],
    ] as const) {
      const { sync, at } = lockedSync()
      const next = probe(sync, at + 100_000, 1000 + stepUs)
      expect(sync.state).to.equal(state)
      probe(sync, next + 40_000) // and takes it back when the next one does not agree
      expect(sync.state).to.equal('locked')
      expect(sync.steps).to.equal(0)
    }
  })

  it('does not let go of a clock that steps by less than playback can bend, nor of one that is slewed', () => {
    for (const path of [quietLan, goodWifi])
      for (let seed = 1; seed <= 10; seed++) {
        const world = new SimulatedWorld(seed, path)
        world.runUntil(60)
        world.serverStepUs += 3000
        const stay = (): void => {
          expect(world.sync.state, `seed ${seed}`).to.equal('locked')
        }
        world.runUntil(90, stay)
        expect(Math.abs(world.errorUs), `seed ${seed}`).to.be.below(200)
        for (let s = 90; s < 150; s += 0.01) {
          world.serverStepUs += 5
          world.runUntil(s + 0.01, stay)
        }
        expect(Math.abs(world.errorUs), `seed ${seed}`).to.be.below(200)
        world.runUntil(200, stay)
        expect(Math.abs(world.errorUs), `seed ${seed}`).to.be.below(200)
        expect(world.sync.drift!.driftPpm, `seed ${seed}`).to.be.within(-125, 125)
      }
  })

  it('remembers the drift for the next session, which then is right from the first second', () => {
    const first = new SimulatedWorld(7, goodWifi)
    first.runUntil(120)
    const remembered = first.sync.drift!
    const next = new SimulatedWorld(7, goodWifi, { remembered })
    next.runUntil(1)
    expect(next.sync.drift!.sigmaPpm).to.be.below(2)
    expect(next.sync.drift!.driftPpm).to.be.closeTo(remembered.driftPpm, 3)
  })
})
