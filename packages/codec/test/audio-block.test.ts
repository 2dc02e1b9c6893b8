import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { BlockMaker } from '../src/audio-block.js'

describe('a maker of blocks', () => {
  it('makes silent blocks of its format, each with memory of its own', () => {
    const maker = new BlockMaker({ channels: 2, sampleRate: 44_100 })
    const blocks = [maker.make(3), maker.make(3)]
    for (const { length, numberOfChannels, sampleRate } of blocks) {
      expect({ length, numberOfChannels, sampleRate }).to.deep.equal({
        length: 3,
        numberOfChannels: 2,
        sampleRate: 44_100,
      })
    }
    blocks[0]!.getChannelData(1).fill(1)
    expect([...blocks[1]!.getChannelData(1)]).to.deep.equal([0, 0, 0])
  })

  it('keeps the latest block and no other, whoever has forgotten it', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const maker = new BlockMaker({ channels: 1, sampleRate: 48_000 })
    const [earlier, latest] = [new WeakRef(maker.make(960)), new WeakRef(maker.make(960))]
    await setImmediate() // what a WeakRef was made of lives to the end of the turn
    collectGarbage()
    expect(earlier.deref()).to.equal(undefined)
    expect(latest.deref()).to.have.property('length', 960)
  })
})
