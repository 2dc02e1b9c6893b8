import { expect } from 'chai'
import { runsOf, Stage, silent } from './stage.js'

const blockMs = 5
const packetMs = 20
/** Rounding, timers, and the first of the two blocks a packet may begin in the middle of. */
const slackMs = 8

function house(track: object = {}): Stage {
  const stage = new Stage()
  stage.tracks.set('line-in', { frames: Infinity, paceMs: blockMs, ...track })
  return stage
}

function begin(stage: Stage): void {
  stage.command({ command: 'addTracks', group: stage.group, tracks: [{ location: 'line-in', live: true }] })
  stage.command({ command: 'play', group: stage.group })
}

const minBuffer = (ms: number) => ({ state: { min_buffer_ms: ms, required_lead_time_ms: 400 } })

/** How long before its time each chunk was sent, and how long after it was made its first frame is heard, in ms. */
function journeys(stage: Stage, connection: number, madeFromUs: number) {
  return stage.heard.flatMap(({ connection: to, at, audio }) => {
    const span = audio?.payload[0]
    if (to !== connection || audio === undefined || span === undefined || span.track !== 'line-in') return []
    const madeAt = madeFromUs + span.from / 0.048
    return [
      {
        atMs: (at - madeFromUs) / 1000,
        aheadMs: (audio.timestamp - at) / 1000,
        ageMs: (audio.timestamp - madeAt) / 1000,
      },
    ]
  })
}

describe('A live programme', () => {
  it('is heard as soon as it was made, packed, and buffered for the player that needs most', () => {
    const stage = house()
    const openedUs = stage.nowUs + 20_000
    stage.player(1, 'kitchen', { formats: ['pcm'], ...minBuffer(60) })
    stage.player(2, 'attic', { formats: ['opus'], ...minBuffer(100) })
    begin(stage)
    stage.run(10_000)
    for (const connection of [1, 2]) {
      const all = journeys(stage, connection, openedUs)
      expect(all.length).to.be.above(350)
      for (const { aheadMs, ageMs } of all) {
        expect(aheadMs).to.be.above(100 - 0.01)
        expect(ageMs).to.be.below(100 + 25 + 6.5 + 2 * blockMs + slackMs) // the longer packet, and the look-ahead
      }
    }
    const [one, two] = [1, 2].map((connection) => stage.audio(connection).flatMap((chunk) => runsOf([chunk])))
    const originOf = (run: { startsAt: number; from: number }) => run.startsAt - run.from / 0.048
    expect(originOf(one![100]!)).to.be.closeTo(originOf(two![100]!), 1.5)
  })

  it('goes out in batches where there is buffer enough, none of it later for that', () => {
    const stage = house()
    const openedUs = stage.nowUs + 20_000
    stage.player(1, 'kitchen', minBuffer(800))
    begin(stage)
    stage.run(10_000)
    const all = journeys(stage, 1, openedUs)
    const batches = new Set(all.map(({ atMs }) => atMs)).size
    expect(all.length / batches).to.be.within(3, 6)
    for (const { aheadMs } of all) expect(aheadMs).to.be.above(800 - 0.01)
  })

  it('is heard as late as its place says, where no player needs more', () => {
    for (const [needMs, leadMs] of [
      [60, 400],
      [700, 700],
    ] as const) {
      const stage = new Stage()
      stage.tracks.set('fifo:in?latency=100&total=500', { frames: Infinity, paceMs: blockMs })
      stage.player(1, 'kitchen', { formats: ['pcm'], ...minBuffer(needMs) })
      stage.command({
        command: 'addTracks',
        group: stage.group,
        tracks: [{ location: 'fifo:in?latency=100&total=500', live: true }],
      })
      stage.command({ command: 'play', group: stage.group })
      stage.run(3000)
      const ahead = stage.heard.flatMap(({ at, audio }) =>
        audio?.payload[0]?.track.startsWith('fifo') ? [(audio.timestamp - at) / 1000] : [],
      )
      expect(ahead.length).to.be.above(50)
      expect(Math.min(...ahead)).to.be.above(leadMs - 30)
      expect(Math.max(...ahead)).to.be.below(leadMs + 110)
    }
  })

  for (const format of ['pcm', 'opus']) {
    it(`is heard at once by a player that needs more than there is, and the others lose nothing (${format})`, () => {
      const stage = house()
      stage.encoderDelayMs = 30
      const openedUs = stage.nowUs + 20_000
      stage.player(1, 'kitchen', { formats: ['pcm'], ...minBuffer(300) })
      begin(stage)
      stage.run(10_000)
      stage.player(2, 'attic', { formats: [format], ...minBuffer(1400) })
      stage.run(10_000)
      const joined = journeys(stage, 2, openedUs)
      expect(joined[0]!.atMs).to.be.below(10_100)
      expect(Math.max(...joined.map(({ aheadMs }) => aheadMs))).to.be.below(400)
      for (const { aheadMs, atMs } of journeys(stage, 1, openedUs))
        expect(aheadMs, `at ${atMs} ms`).to.be.above(300 - 0.01)
      const told = stage.events.filter(({ type }) => type === 'playerShortOfLead')
      expect(told).to.have.length(1)
      expect(told[0]).to.include({ client: 'attic' }).and.to.have.property('missingMs').within(1100, 1400)

      stage.command({ command: 'pause', group: stage.group })
      stage.run(100)
      stage.clearHeard()
      stage.command({ command: 'play', group: stage.group })
      stage.run(5_000)
      for (const connection of [1, 2])
        for (const { aheadMs } of journeys(stage, connection, openedUs)) expect(aheadMs).to.be.above(1400 - 0.01)
    })
  }

  it('leaves out what was made before anyone could hear it', () => {
    const stage = house()
    const openedUs = stage.nowUs + 20_000
    stage.player(9, 'nobody')
    stage.input({ type: 'disconnected', connection: 9 })
    begin(stage)
    stage.run(3000)
    stage.encoderDelayMs = 700
    stage.player(1, 'kitchen', minBuffer(100))
    stage.run(5000)
    const all = journeys(stage, 1, openedUs)
    expect(all.length).to.be.above(150)
    for (const { ageMs } of all) expect(ageMs).to.be.below(100 + packetMs + 6.5 + 2 * blockMs + slackMs)
  })

  it('moves away from its source when a player needs more, quickly while it needs much, and back when it does not', () => {
    const stage = house()
    const openedUs = stage.nowUs + 20_000
    stage.player(1, 'kitchen', minBuffer(100))
    begin(stage)
    stage.run(5000)
    const report = (ms: number) =>
      stage.message(1, { type: 'client/state', payload: { player: { min_buffer_ms: ms } } })
    report(200)
    stage.run(445_000)
    const aheadAt = (atMs: number): number =>
      journeys(stage, 1, openedUs).find((journey) => journey.atMs >= atMs)!.aheadMs
    const before = aheadAt(4500)
    expect(aheadAt(30_000) - before).to.be.within(18, 30)
    expect(aheadAt(445_000) - before).to.be.closeTo(100, 1)
    report(190)
    stage.run(210_000)
    expect(aheadAt(658_000) - before).to.be.closeTo(90, 1)
    const chunks = stage.audio(1)
    for (const [i, { timestamp }] of chunks.entries())
      if (i > 0) expect(timestamp - chunks[i - 1]!.timestamp).to.be.closeTo(packetMs * 1000, 1)
    const all = journeys(stage, 1, openedUs)
    for (const [i, { aheadMs }] of all.entries())
      if (i > 200) expect(Math.abs(aheadMs - all[i - 50]!.aheadMs)).to.be.below(1.1 + blockMs)
  })

  it('is not taken for late when a player suddenly asks for many times what it has', () => {
    const stage = house()
    stage.player(1, 'kitchen', minBuffer(40))
    begin(stage)
    stage.run(5000)
    stage.message(1, { type: 'client/state', payload: { player: { min_buffer_ms: 600 } } })
    stage.run(30_000)
    const quiet = runsOf(stage.audio(1)).filter(({ track }) => track === silent)
    expect(quiet).to.deep.equal([])
  })

  it('is as near as before after a second in which its source had nothing and then all of it', () => {
    const stage = house({ holdsBack: [5000, 6000] })
    const openedUs = stage.nowUs + 20_000
    stage.player(1, 'kitchen', minBuffer(100))
    begin(stage)
    stage.run(15_000)
    const all = journeys(stage, 1, openedUs)
    const aged = (fromMs: number, toMs: number) =>
      all.filter(({ atMs }) => atMs > fromMs && atMs < toMs).map(({ ageMs }) => ageMs)
    expect(Math.max(...aged(10_000, 15_000))).to.be.closeTo(Math.max(...aged(1000, 4500)), 1.5 * packetMs)
    const quiet = runsOf(stage.audio(1)).filter(({ track }) => track === silent)
    expect(quiet.reduce((sum, { length }) => sum + length, 0) / 48).to.be.within(900, 1300)
  })

  it('goes on after the server was too busy to send anything for longer than the lead', () => {
    const stage = house()
    stage.player(1, 'kitchen', minBuffer(60))
    begin(stage)
    stage.run(3000)
    stage.freeze(700)
    stage.clearHeard()
    stage.run(3000)
    const heard = stage.audio(1).filter(({ payload }) => payload[0]?.track === 'line-in')
    expect(heard.length).to.be.above(2000 / packetMs)
    const places = heard.map(({ timestamp, payload }) => timestamp - payload[0]!.from / 0.048)
    // What is too far ahead afterwards is bent back, by a thousandth.
    const bentUs = 1e-3 * (heard.at(-1)!.timestamp - heard[0]!.timestamp)
    expect(places.at(-1)! - places[0]!).to.be.within(-bentUs - 1.5, 1_000_000)
  })
})
