import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { raiseThreadPriority } from '../../src/node/outputs/alsa/thread-priority.js'

const module = new URL('../../src/node/outputs/alsa/thread-priority.js', import.meta.url).href

/** Asks in a thread of its own; returns what it was told, and the kernel's policy for it. */
function askInThread(): Promise<{ granted: boolean; policy: number }> {
  const code = `
    const { parentPort } = require('node:worker_threads')
    const koffi = require('koffi')
    import('${module}').then(({ raiseThreadPriority }) => {
      const granted = raiseThreadPriority()
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
    const { granted, policy } = await askInThread()
    const fifo = 1
    expect(policy & 0xff).to.equal(granted ? fifo : 0)
  })
})
