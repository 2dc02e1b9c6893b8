import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { GroupStart } from '../src/group-start.js'
import { handFedDeck, piece } from './hand-fed-deck.js'

const us = (reading: number) => reading as ServerUs
const lead = { floorUs: 400_000, startUs: 700_000, joinUs: 4_000_000 }

/** A start that is about to happen, and what decides it. */
function about({
  live = false,
  players = 2,
  equipped = 2,
  isSteady = true,
  pacedEndAt = undefined as number | undefined,
}) {
  const fed = handFedDeck(live)
  const readiness = { players, equipped }
  const begun: number[] = []
  const delivery = { readiness, begin: (at: ServerUs) => void begun.push(at) }
  const intake = { isSteady: () => isSteady, pacedEndAt: pacedEndAt as ServerUs | undefined }
  return { ...fed, readiness, begun, start: new GroupStart(fed.deck, delivery, lead, intake) }
}

describe('GroupStart', () => {
  it('waits for half a second of a file, and is heard after the lead its players ask for', () => {
    const { start, deck, programme, wanted, begun } = about({})
    deck.reader.append(piece(400))
    start.attempt(us(1_000))
    expect(programme.timeline).to.equal(undefined)
    expect(wanted.length).to.be.above(0)
    deck.reader.append(piece(100, 400 * 48))
    start.attempt(us(2_000))
    expect(programme.timeline).to.include({ originFrame: 0, originAt: 702_000 })
    expect(begun).to.deep.equal([2_000])
  })

  it('starts a track that is shorter than that with all there is of it', () => {
    const { start, deck, programme } = about({})
    deck.reader.append(piece(30))
    deck.trackEnded()
    start.attempt(us(0))
    expect(programme.timeline?.originAt).to.equal(700_000)
  })

  it('waits a second for encoders that are still being made, and then for none', () => {
    const { start, deck, programme } = about({ equipped: 1 })
    deck.reader.append(piece(500))
    start.attempt(us(0))
    start.attempt(us(999_999))
    expect(programme.timeline).to.equal(undefined)
    start.attempt(us(1_000_000))
    expect(programme.timeline?.originAt).to.equal(1_700_000)
  })

  it('waits as long as it takes for the first encoder', () => {
    const { start, deck, programme, readiness } = about({ equipped: 0 })
    deck.reader.append(piece(500))
    start.attempt(us(0))
    start.attempt(us(60_000_000))
    expect(programme.timeline).to.equal(undefined)
    readiness.equipped = 2
    start.attempt(us(61_000_000))
    expect(programme.timeline?.originAt).to.equal(61_700_000)
  })

  it('waits afresh after something was cleared', () => {
    const { start, deck, programme } = about({ equipped: 1 })
    deck.reader.append(piece(500))
    start.attempt(us(0))
    start.reset()
    start.attempt(us(1_500_000))
    expect(programme.timeline).to.equal(undefined)
  })

  it('starts live audio as late as its last frame came and its players need, once it is known how it comes', () => {
    const unknown = about({ live: true, isSteady: false })
    unknown.deck.reader.append(piece(20))
    unknown.start.attempt(us(0))
    expect(unknown.programme.timeline).to.equal(undefined)

    const paced = about({ live: true, pacedEndAt: 180_000 })
    paced.deck.reader.append(piece(20))
    paced.start.attempt(us(50_000))
    expect(paced.programme.timeline?.originAt).to.equal(160_000)
  })

  it('lays silence for an announcement where nothing plays, unless nobody is left to hear it', () => {
    const { start, programme } = about({})
    expect(start.attemptAlone(us(0))).to.equal(true)
    expect(programme.timeline?.originAt).to.equal(700_000)
    expect(programme.endsSilent).to.equal(true)
    const deserted = about({ players: 0, equipped: 0 })
    expect(deserted.start.attemptAlone(us(0))).to.equal(false)
    expect(deserted.programme.endFrame).to.equal(0)
  })
})
