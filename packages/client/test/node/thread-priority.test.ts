import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { raiseThreadPriority } from '../../src/node/outputs/alsa/thread-priority.js'

const module = new URL('../../src/node/outputs/alsa/thread-priority.js', import.meta.url).href

/** Asks in a thread of its own; returns what it was told, and the kernel's policy for it. */
function askInThread(cores: number, ...nodeOptions: string[]): Promise<{ granted: boolean; policy: number }> {
  const code = `
    const { parentPort } = require('node:worker_threads')
    const koffi = require('koffi')
    import('${module}').then(({ raiseThreadPriority }) => {
      const granted = raiseThreadPriority(${cores}, ${JSON.stringify(nodeOptions)})
      parentPort.postMessage({ granted, policy: koffi.load(null).func('int sched_getscheduler(int pid)')(0) })
    })`
  return new Promise((resolve, reject) => {
    new Worker(code, { eval: true }).once('message', resolve).once('error', reject)
  })
}

describe('raiseThreadPriority', () => {
  it('never touches the main thread', () => {
    expect(raiseThreadPriority()).to.equal(false)
  })

  it('says of a thread what the kernel says of it', async function () {
    if (process.platform !== 'linux') this.skip()
    const { granted, policy } = await askInThread(2)
    const fifo = 1
    expect(policy & 0xff).to.equal(granted ? fifo : 0)
  })

  it('leaves a thread ordinary where V8 has one core for it and its helpers, unless it needs none', async function () {
    if (process.platform !== 'linux') this.skip()
    expect(await askInThread(1)).to.deep.equal({ granted: false, policy: 0 })
    expect(await askInThread(1, '--single-threaded-gc')).to.deep.equal(await askInThread(2))
  })
})
