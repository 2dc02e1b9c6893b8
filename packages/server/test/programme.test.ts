import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { Programme } from '../src/programme.js'
import { piece } from './hand-fed-deck.js'
import { blocks, type TestBlock } from './stage.js'

const us = (reading: number) => reading as ServerUs
const second = 1_000_000

function programme(factory = blocks): Programme<TestBlock> {
  return new Programme<TestBlock>(48_000, factory)
}

/** Two tracks of a second, the first heard from 10 s on. */
function twoTracks(): Programme<TestBlock> {
  const both = programme()
  both.begin('a', 5_000)
  both.append(piece(1_000))
  both.begin('b', 0)
  both.append(piece(1_000))
  both.start(us(10 * second))
  return both
}

describe('Programme', () => {
  it('knows what is heard at any instant, and how far into its track', () => {
    const both = twoTracks()
    expect(both.heardAt(us(9.9 * second))).to.equal(undefined)
    expect(both.heardAt(us(10.25 * second))).to.deep.include({ entry: 'a', positionMs: 5_250, moving: true })
    expect(both.heardAt(us(11 * second))).to.deep.include({ entry: 'b', positionMs: 0 })
    expect(both.heardAt(us(20 * second))).to.deep.include({ entry: 'b', positionMs: 1_000 }) // no more is known
    expect(both.nextMarkAt(us(10.25 * second))).to.equal(11 * second)
    expect(both.nextMarkAt(us(11.5 * second))).to.equal(undefined)
  })

  it('stands still while silence stands in for a source that is late', () => {
    const late = programme()
    late.begin('a', 0)
    late.append(piece(1_000))
    late.appendSilence(24_000)
    late.append(piece(1_000, 48_000))
    late.start(us(0))
    expect(late.heardAt(us(1.2 * second))).to.deep.include({ positionMs: 1_000, moving: false })
    expect(late.heardAt(us(1.6 * second))).to.deep.include({ positionMs: 1_100, moving: true })
  })

  it('keeps blocks until they have been heard, so that an encoder that comes late can begin in step', () => {
    const both = twoTracks()
    both.forgetBefore(us(10.999 * second))
    expect(both.firstFrame).to.equal(0)
    both.forgetBefore(us(11 * second))
    expect(both.firstFrame).to.equal(48_000)
    expect(both.blockOfFrame(60_000)).to.equal(both.firstBlock)
    expect(both.block(both.firstBlock)?.frame).to.equal(48_000)
    expect(both.heardAt(us(11.5 * second))).to.deep.include({ entry: 'b', positionMs: 500 })
  })

  it('goes on counting frames after a clear, from where the last ones were', () => {
    const both = twoTracks()
    both.clear()
    expect(both.timeline).to.equal(undefined)
    expect([both.firstFrame, both.endFrame]).to.deep.equal([96_000, 96_000])
    both.append(piece(1_000))
    both.start(us(0))
    expect(both.timeline).to.include({ originFrame: 96_000, originAt: 0 })
  })

  it('can be scheduled by when it ends, with what came last alone', () => {
    const live = programme()
    for (let n = 0; n < 5; n++) live.append(piece(20, n * 960))
    live.keepLastBlock()
    live.startEnding(us(second))
    expect(live.firstFrame).to.equal(4 * 960)
    expect(live.timeline).to.include({ originFrame: 4 * 960, originAt: 0.98 * second })
  })

  it('joins what does not continue, telling how far behind the seam it is and what was before', () => {
    const joined: string[] = []
    const torn = programme({
      ...blocks,
      join: (block: TestBlock, frames: number, before: TestBlock | undefined) => {
        joined.push(`${block.spans[0]!.from} at ${frames} after ${before?.spans[0]?.from ?? 'silence'}`)
        return block
      },
    } as typeof blocks)
    torn.append(piece(20, 0))
    torn.seam()
    torn.append(piece(20, 5_000))
    torn.append(piece(20, 5_960))
    torn.appendSilence(480)
    torn.append(piece(20, 6_920))
    expect(joined).to.deep.equal(['5000 at 0 after 0', '5960 at 960 after 0', '6920 at 0 after silence'])
  })
})
