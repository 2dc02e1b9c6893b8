import { expect } from 'chai'
import { LiveBuffer } from '../src/live-buffer.js'
import { LivePlayhead } from '../src/live-playhead.js'

const sampleRate = 8000
const level = 0.5
const nominal = { startRatio: 1, endRatio: 1, fadeInFrames: 0, reserveFrames: 40 }

/** A playhead 100 frames into `frames` of a steady level, and what it gives. */
function about(frames: number) {
  const buffer = new LiveBuffer(1, 8000)
  buffer.append([new Float32Array(frames).fill(level)])
  const head = new LivePlayhead(buffer, sampleRate)
  head.moveTo(100)
  const play = (run: Partial<Parameters<LivePlayhead['play']>[0]> & { readonly frames: number }) => {
    const output = new Float32Array(run.frames)
    const goesOn = head.play({ ...nominal, position: head.position, ...run }, [output])
    return { goesOn, output }
  }
  return { buffer, head, play }
}

describe('LivePlayhead', () => {
  it('goes on, run after run, by as many frames as its rate says', () => {
    const { head, play } = about(4000)
    expect(play({ frames: 200 }).goesOn).to.equal(true)
    expect(head.position).to.equal(300)
    play({ frames: 200, startRatio: 1, endRatio: 1.001 })
    expect(head.position).to.be.closeTo(500.1, 1e-9)
    for (const sample of play({ frames: 200 }).output) expect(sample).to.be.closeTo(level, 1e-3)
  })

  it('fades in over 5 ms', () => {
    const { head, play } = about(4000)
    expect(head.fadeFrames).to.equal(40)
    const { output } = play({ frames: 200, fadeInFrames: 40 })
    for (const [i, sample] of output.entries()) expect(sample).to.be.closeTo(level * Math.min(1, i / 40), 1e-3)
  })

  it('leaves frames out in a cross-fade, which a steady level goes through unchanged', () => {
    const { head, play } = about(4000)
    const { output } = play({ frames: 200, fadeInFrames: 40, position: head.position + 1000 })
    expect(head.position).to.equal(1300)
    for (const sample of output) expect(sample).to.be.closeTo(level, 1e-3)
  })

  it('plays what there is, fades it out and is silent, when less than its reserve would be left', () => {
    const { buffer, head, play } = about(1000)
    head.moveTo(800)
    const readable = buffer.readable(800, 1)
    const { goesOn, output } = play({ frames: 200 })
    expect(goesOn).to.equal(false)
    for (const sample of output.subarray(0, readable - 40)) expect(sample).to.be.closeTo(level, 1e-3)
    for (let i = readable - 40; i < readable; i++)
      expect(output[i]).to.be.closeTo((level * (readable - i)) / 40, level / 40)
    for (const sample of output.subarray(readable)) expect(sample).to.equal(0)
    expect(head.hasRest).to.equal(false)
  })

  it('takes up the oldest frame there is, where what it would have read has given way', () => {
    const { buffer, head } = about(4000)
    expect(head.oldest).to.equal(100)
    buffer.append([new Float32Array(16_000).fill(level)])
    expect(head.oldest).to.equal(buffer.firstFrame)
    expect(head.oldest).to.be.above(100)
    expect(head.hasRest).to.equal(true)
  })
})
