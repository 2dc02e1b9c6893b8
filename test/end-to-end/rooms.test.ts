/**
 * Real processes, real sockets, real time. A busy machine may make rooms late, so the bounds here are only those no
 * scheduler should break; how good it gets is measured by `npm run bench:rooms`, and proved in simulated time.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { RealHouse } from './real-house.js'

/** Two sounds this close are one to the ear. */
const inStepUs = 5_000
const listenS = 3
const patienceS = 40

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

describe('Rooms in processes of their own', function () {
  this.timeout(60_000)
  let folder: string
  let house: RealHouse

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-rooms-'))
    house = await RealHouse.open(folder)
    house.addRoom({ name: 'fast', crystalPpm: 100, clockPpm: -30 })
    house.addRoom({ name: 'slow', crystalPpm: -100, clockPpm: 25 })
  })

  after(async () => {
    await house?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const expectInStep = async (): Promise<void> => {
    const spreads = await house.hear(listenS, patienceS)
    expect(median(spreads), house.problems.join('; ')).to.be.below(inStepUs)
  }

  it('play in step with cards 200 ppm apart', expectInStep)

  it('are joined in step by one that is started in the middle of a song', async () => {
    house.addRoom({ name: 'late', crystalPpm: 40, clockPpm: 5 })
    await expectInStep()
  })

  it('are in step again after one was stopped for 5 s', async () => {
    await house.freezeRoom('slow', 5)
    await expectInStep()
  })

  it('are in step again after the server was dead for 5 s', async () => {
    await house.killServer()
    await sleep(5000)
    await house.startServer()
    await expectInStep()
  })
})
