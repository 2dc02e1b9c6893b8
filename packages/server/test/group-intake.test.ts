import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { GroupIntake } from '../src/group-intake.js'
import { LiveEdge } from '../src/live-edge.js'
import { handFedDeck, piece } from './hand-fed-deck.js'
import { blocks, type TestBlock } from './stage.js'

const us = (reading: number) => reading as ServerUs

function intake(live: boolean) {
  const fed = handFedDeck(live)
  const edge = new LiveEdge<TestBlock>(48_000, blocks)
  const lead = { edge, floorUs: 60_000, liveUs: 100_000, sendAheadUs: 5_000_000 }
  const config = { sampleRate: 48_000, readAheadMs: 2_000, blocks }
  return { ...fed, intake: new GroupIntake(config, fed.deck, lead) }
}

/** Live audio in blocks of 20 ms that come as time passes, the first at 0, scheduled after `blocks` of them. */
function live(count: number) {
  const fed = intake(true)
  for (let n = 0; n < count; n++) fed.intake.append(piece(20, n * 960), false, us(n * 20_000))
  fed.programme.startEnding(fed.intake.pacedEndAt!)
  return { ...fed, atUs: (count - 1) * 20_000 }
}

describe('GroupIntake', () => {
  it('reads a file on as far as is sent and decoded ahead', () => {
    const { deck, programme, wanted, intake: group } = intake(false)
    deck.reader.append(piece(500))
    programme.start(us(0))
    expect(group.keepFed(us(0))).to.deep.equal({ lookAgainAt: undefined, hasRunDry: false })
    expect(wanted).to.deep.equal([7_000 * 48 - 500 * 48])
  })

  it('says once that a file has run dry, and stands in with silence until it goes on', () => {
    const { deck, programme, intake: group } = intake(false)
    deck.reader.append(piece(500))
    programme.start(us(0))
    expect(group.keepFed(us(480_000)).hasRunDry).to.equal(true)
    expect(programme.endFrame).to.equal((480 + 60 + 100) * 48)
    expect(group.keepFed(us(600_000)).hasRunDry).to.equal(false)
    expect(programme.endFrame).to.equal((600 + 60 + 100) * 48)
  })

  it('knows how live audio comes after three blocks in their own time, or at once where its source waits', () => {
    const { intake: group } = intake(true)
    for (let n = 0; n < 3; n++) {
      expect(group.isSteady(us(n * 20_000))).to.equal(false)
      group.append(piece(20, n * 960), false, us(n * 20_000))
    }
    expect(group.isSteady(us(40_000))).to.equal(true)
    expect(group.pacedEndAt).to.equal(140_000)

    const { intake: held } = intake(true)
    held.append(piece(20), true, us(0))
    expect(held.isSteady(us(0))).to.equal(true)
    expect(held.pacedEndAt).to.equal(undefined)
  })

  it('keeps of live audio that waits for its start only what came last', () => {
    const { programme } = live(4)
    expect(programme.endFrame - programme.firstFrame).to.equal(960)
    expect(programme.timeline?.originAt).to.equal(60_000 + 100_000 - 20_000)
  })

  it('looks again at live audio when less than the floor would be left, and once more before it fills in', () => {
    const { programme, intake: group, atUs } = live(4)
    const endsAt = atUs + 100_000
    expect(group.keepFed(us(atUs))).to.deep.equal({ lookAgainAt: endsAt - 60_000, hasRunDry: false })
    const shortAt = us(endsAt - 50_000)
    const { endFrame } = programme
    expect(group.keepFed(shortAt)).to.deep.equal({ lookAgainAt: shortAt, hasRunDry: false })
    expect(programme.endFrame).to.equal(endFrame)
    expect(group.keepFed(shortAt).hasRunDry).to.equal(true)
    expect(programme.endFrame).to.equal(endFrame + (10 + 100) * 48)
  })

  it('begins again after a gap with what comes then, not with what has piled up', () => {
    const { programme, intake: group, atUs } = live(4)
    const at = us(atUs + 60_000)
    group.keepFed(at)
    group.keepFed(at)
    const { endFrame } = programme
    // What was held up meanwhile comes in one lump: it would be more ahead than is needed.
    for (let n = 4; n < 7; n++) group.append(piece(20, n * 960), false, at)
    expect(programme.endFrame).to.equal(endFrame)
  })
})
