import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { LiveEdge } from '../src/live-edge.js'
import { blocks } from './stage.js'

const blockFrames = 240
const blockUs = 5_000

/** A source whose blocks came so many µs late, one after the other. */
function after(latenessesUs: readonly number[]): LiveEdge<ReturnType<typeof blocks.silence>> {
  const edge = new LiveEdge(48_000, blocks)
  for (const [n, lateUs] of latenessesUs.entries()) {
    edge.received(blockFrames, (1e9 + n * blockUs + lateUs) as ServerUs)
  }
  return edge
}

describe('LiveEdge', () => {
  it('knows when a late block should have come', () => {
    expect(after([]).promptAt).to.equal(undefined)
    expect(after([0]).promptAt).to.equal(1e9)
    expect(after([300, 0, 200, 4_000]).promptAt).to.equal(1e9 + 3 * blockUs)
  })

  it('believes the promptest block of one to two seconds, not one from before the source was held up', () => {
    const heldUpUs = 30_000
    const edge = after([...Array(300).fill(0), ...Array(450).fill(heldUpUs)])
    expect(edge.promptAt).to.equal(1e9 + 749 * blockUs + heldUpUs)
  })

  it('does not wait for what a source has left out', () => {
    const edge = after([0, 0, 0, 400_000])
    expect(edge.promptAt).to.equal(1e9 + 3 * blockUs + 380_000)
  })

  it('takes a source up where what had piled up is through', () => {
    const edge = new LiveEdge(48_000, blocks)
    for (let n = 0; n < 40; n++) edge.received(blockFrames, 1e9 as ServerUs)
    for (let n = 1; n <= 10; n++) edge.received(blockFrames, (1e9 + n * blockUs) as ServerUs)
    expect(edge.promptAt).to.equal(1e9 + 10 * blockUs)
  })

  it('keeps a source whose crystal is off near the lead it should have by now, while it bends it to another', () => {
    for (const ppm of [-50, 50]) {
      const edge = new LiveEdge(48_000, blocks)
      let [heard, worstUs] = [0, 0]
      for (let n = 0; n < 80_000; n++) {
        const at = 1e9 + n * blockUs * (1 + ppm * 1e-6)
        edge.received(blockFrames, at as ServerUs)
        heard += edge.shape(blocks.silence(blockFrames)).length
        const leadUs = 1e9 + 100_000 + heard / 0.048 - at
        edge.steer(leadUs, n < 1000 ? 100_000 : 110_000, at as ServerUs)
        if (n > 1000) worstUs = Math.max(worstUs, Math.abs(leadUs - edge.reachedUs!))
      }
      expect(worstUs, `${ppm} ppm`).to.be.below(3_200) // the lead that is left alone, and two seconds of the crystal
    }
  })
})
