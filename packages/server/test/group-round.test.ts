import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { GroupRound } from '../src/group-round.js'
import { timeOfFrame } from '../src/timeline.js'
import { WakePlan } from '../src/wake-plan.js'
import { handFedDeck, piece } from './hand-fed-deck.js'

const us = (reading: number) => reading as ServerUs
const lead = { floorUs: 400_000, startUs: 700_000, joinUs: 4_000_000, sendAheadUs: 5_000_000 }

/** The rounds of a group with half a second of a file at hand, and what comes of them. */
function about() {
  const fed = handFedDeck(false)
  fed.deck.reader.append(piece(500))
  const group = { isHeard: true, hasRunDry: false }
  const sentUntil: number[] = []
  const said: string[] = []
  const wakePlan = new WakePlan(250)
  const round = new GroupRound(
    { abandonAfterMs: 30_000 },
    {
      deck: fed.deck,
      delivery: {
        readiness: { players: 1, equipped: 1 },
        begin: () => undefined,
        advance: (at: ServerUs, until: ServerUs) => {
          sentUntil.push(until)
          return us(at + 100_000)
        },
        halt: () => undefined,
      },
      announcing: { isActive: false, advance: () => undefined, clear: () => undefined },
      lead,
      intake: {
        isSteady: () => true,
        pacedEndAt: undefined,
        keepFed: () => ({ lookAgainAt: undefined, hasRunDry: group.hasRunDry }),
      },
      wakePlan,
    },
    {
      isHeard: () => group.isHeard,
      report: (type) => said.push(type),
      changed: () => said.push('changed'),
      save: () => said.push('save'),
    },
  )
  return { ...fed, group, round, wakePlan, sentUntil, said }
}

describe('GroupRound', () => {
  it('starts what is at hand, sends it as far ahead as is asked for, and comes back when more is due', () => {
    const { programme, round, wakePlan, sentUntil } = about()
    round.perform(us(1_000))
    expect(programme.timeline?.originAt).to.equal(701_000)
    expect(sentUntil).to.deep.equal([5_001_000])
    expect(round.sentAt).to.equal(1_000)
    expect(wakePlan.wakeAt).to.equal(101_000)
  })

  it('says when silence has to stand in', () => {
    const { group, round, said } = about()
    round.perform(us(0))
    group.hasRunDry = true
    round.perform(us(100_000))
    expect(said.filter((word) => word === 'sourceLate')).to.have.length(1)
  })

  it('keeps the position every ten seconds', () => {
    const { round, said } = about()
    for (let at = 0; at < 30_000_000; at += 250_000) round.perform(us(at))
    expect(said.filter((word) => word === 'save')).to.have.length(3)
  })

  it('ends a tenth of a second after the last frame', () => {
    const { deck, programme, round, said } = about()
    deck.trackEnded()
    round.perform(us(0))
    const endAt = timeOfFrame(programme.timeline!, deck.reader.endFrame!)
    round.perform(us(endAt + 99_999))
    expect(deck.state).to.equal('playing')
    round.perform(us(endAt + 100_000))
    expect(deck.state).to.equal('stopped')
    expect(said.at(-1)).to.equal('changed')
  })

  it('waits where the last one left, once nobody has been there for long', () => {
    const { deck, group, round, said } = about()
    round.perform(us(0))
    group.isHeard = false
    round.perform(us(1_000_000))
    round.perform(us(30_999_999))
    expect(deck.state).to.equal('playing')
    round.perform(us(31_000_000))
    expect(deck.state).to.equal('paused')
    expect(said.slice(-2)).to.deep.equal(['playbackAbandoned', 'changed'])
  })
})
