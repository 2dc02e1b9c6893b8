import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { SharedRecord } from '../src/shared-record.js'

const length = 15

/** Publishes records of equal numbers, counting up, as fast as it can until told to stop. */
const writing = `
  const { workerData } = require('node:worker_threads')
  import(workerData.module).then(({ SharedRecord }) => {
    const stop = new Int32Array(workerData.stop)
    const record = new SharedRecord(workerData.buffer, 0, ${length})
    for (let n = 1; Atomics.load(stop, 0) === 0; n++) {
      record.values.fill(n + 0.5)
      record.publish()
    }
  })`

describe('SharedRecord', () => {
  it('never shows a reader parts of two records while another thread writes without pause', async () => {
    const buffer = new SharedArrayBuffer(SharedRecord.bytes(length))
    const stop = new SharedArrayBuffer(4)
    const module = new URL('../src/shared-record.js', import.meta.url).href
    const writer = new Worker(writing, { eval: true, workerData: { module, buffer, stop } })
    const reader = new SharedRecord(buffer, 0, length)
    let changes = 0
    let previous = 0
    try {
      while (changes < 20_000) {
        if (!reader.refresh()) {
          if (changes === 0) await new Promise(setImmediate)
          continue
        }
        const [newest] = reader.values
        if (reader.values.some((value) => value !== newest) || newest! <= previous)
          throw new Error(`torn or old record ${reader.values} after ${previous}`)
        previous = newest!
        changes++
      }
    } finally {
      Atomics.store(new Int32Array(stop), 0, 1)
      await new Promise((resolve) => writer.once('exit', resolve))
    }
    expect(changes).to.equal(20_000)
  }).timeout(120_000) // two threads that spin take their time on a machine with one free core

  it('says whether there is anything new', () => {
    const buffer = new ArrayBuffer(SharedRecord.bytes(1))
    const [writer, reader] = [new SharedRecord(buffer, 0, 1), new SharedRecord(buffer, 0, 1)]
    expect(reader.refresh()).to.equal(false)
    writer.values[0] = 7
    expect(reader.refresh()).to.equal(false)
    writer.publish()
    expect([reader.refresh(), reader.values[0], reader.refresh(), writer.refresh()]).to.deep.equal([
      true,
      7,
      false,
      false,
    ])
  })
})
