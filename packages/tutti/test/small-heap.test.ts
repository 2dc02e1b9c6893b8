import { spawnSync } from 'node:child_process'
import { expect } from 'chai'

const module = new URL('../src/small-heap.js', import.meta.url)

describe('keeping a heap small', () => {
  it('complains of no flag that V8 does not know, and keeps no program from ending', () => {
    const program = `import { keepHeapSmall, smallHeap } from '${module}'; await keepHeapSmall(); console.log(smallHeap.length)`
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 8_000, // less than it takes until the heap may grow
    })
    expect({ status, signal, stdout: String(stdout), stderr: String(stderr) }).to.deep.equal({
      status: 0,
      signal: null,
      stdout: '1\n',
      stderr: '',
    })
  })
})
