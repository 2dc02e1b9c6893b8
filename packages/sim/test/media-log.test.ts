import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { MediaLog } from '../src/media-log.js'

const at = (us: number): ServerUs => us as ServerUs

describe('MediaLog', () => {
  it('knows when each frame is due, across blocks, holes and seeks', () => {
    const log = new MediaLog(480_000, 48_000)
    log.append({ length: 4800, dueAt: at(1_000_000) })
    log.append({ length: 4800, dueAt: at(1_100_001) }) // rounding on the wire
    log.appendSilence(480)
    log.append({ length: 4800, dueAt: at(7_000_000) })
    expect(log.dueAt(2400)).to.equal(1_050_000)
    expect(log.dueAt(7200.5)).to.be.closeTo(1_150_010.4, 0.1)
    expect(log.dueAt(9700)).to.equal(undefined)
    expect(log.dueAt(10_080)).to.equal(7_000_000)
    expect(log.silentFrames).to.equal(480)
  })

  it('frees what was played, and says when something is overwritten before it was', () => {
    const log = new MediaLog(9600, 48_000)
    log.append({ length: 9000, dueAt: at(0) })
    log.release(4800)
    expect(log.freeFrames).to.equal(5400)
    log.append({ length: 5400, dueAt: at(187_500) })
    expect(() => log.append({ length: 1, dueAt: at(300_000) })).to.throw(RangeError)
  })
})
