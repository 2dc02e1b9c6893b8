import { expect } from 'chai'
import { runsOf, Stage, silent } from './stage.js'

const song = { frames: 48_000 * 120 }
const clipFrames = 96_000
const fadeFrames = 9600
const announcedFrames = clipFrames + 2 * fadeFrames

function announce(stage: Stage, ...rooms: string[]): { problem: string | undefined; heardInMs: number | undefined } {
  stage.input({ type: 'command', request: 1, command: { command: 'announce', rooms, location: 'bell.mp3' } })
  stage.run(100)
  const { problem, result } = stage.answers.at(-1)!
  return { problem, heardInMs: (result as { heardInMs?: number } | undefined)?.heardInMs }
}

/** Four rooms hear a song; Opus and FLAC, so that there are two encoders. */
function playing(): Stage {
  const stage = new Stage()
  stage.tracks.set('song', song)
  const formats = [['opus'], ['flac'], ['opus'], ['flac']]
  for (const [i, room] of ['a', 'b', 'c', 'd'].entries()) stage.player(i + 1, room, { formats: formats[i]! })
  stage.play('song')
  stage.run(10_000)
  return stage
}

const said = (stage: Stage, connection: number) =>
  runsOf(stage.audio(connection)).filter((run) => run.over !== undefined)

/** Music, with or without something said over it, without a frame missing or twice. */
function expectWhole(stage: Stage, connection: number): void {
  const runs = runsOf(stage.audio(connection)).filter(({ track }) => track !== 'lookahead')
  expect(runs.map(({ track }) => track)).to.deep.equal(runs.map(() => 'song'))
  for (const [i, run] of runs.entries()) if (i > 0) expect(run.from).to.equal(runs[i - 1]!.from + runs[i - 1]!.length)
}

describe('An announcement', () => {
  it('is heard at the same frame in every room, and moves nothing', () => {
    const stage = playing()
    const { startsAt } = runsOf(stage.audio(2))[0]!
    const { heardInMs } = announce(stage, 'a', 'b', 'Room c', 'ROOM D')
    const begunAt = stage.nowUs - 70_000
    stage.run(15_000)
    const first = [1, 2, 3, 4].map((connection) => said(stage, connection)[0]!)
    expect(new Set(first.map(({ from }) => from)).size).to.equal(1)
    for (const { over, length } of first) {
      expect(over).to.equal(0)
      expect(length).to.equal(announcedFrames)
    }
    for (const run of first) {
      expect(run.startsAt).to.be.closeTo(startsAt + (run.from * 1e6) / 48_000, 1)
      expect(run.startsAt + 200_000).to.be.closeTo(begunAt + heardInMs! * 1000, 1000)
    }
    for (const connection of [1, 2, 3, 4]) {
      expectWhole(stage, connection)
      expect(stage.messages(connection, 'stream/start')).to.have.length(1)
      expect(stage.messages(connection, 'stream/clear')).to.have.length(0)
      expect(stage.messages(connection, 'stream/end')).to.have.length(0)
    }
    expect(stage.encoders).to.have.length(2)
  })

  it('waits for audio that has been sent already: the send-ahead, and a packet', () => {
    const { heardInMs } = announce(playing(), 'a', 'b', 'c', 'd')
    expect(heardInMs).to.be.within(5000, 5500)
  })

  it('for some rooms of a group is not heard in the others, and neither notices', () => {
    const stage = playing()
    const { problem, heardInMs } = announce(stage, 'a', 'b')
    expect(problem).to.equal(undefined)
    expect(heardInMs).to.be.within(5000, 5500)
    stage.run(15_000)
    const [a, b] = [said(stage, 1), said(stage, 2)]
    expect(a).to.have.length(1)
    expect(a[0]!.length).to.equal(announcedFrames)
    expect(b[0]!.from).to.equal(a[0]!.from)
    expect(b[0]!.startsAt).to.be.closeTo(a[0]!.startsAt, 1)
    expect(said(stage, 3)).to.deep.equal([])
    expect(said(stage, 4)).to.deep.equal([])
    for (const connection of [1, 2, 3, 4]) {
      expectWhole(stage, connection)
      expect(stage.messages(connection, 'stream/start')).to.have.length(1)
      const chunks = stage.audio(connection)
      for (const [i, { timestamp }] of chunks.entries())
        if (i > 0) expect(timestamp).to.be.closeTo(chunks[i - 1]!.endAt, 1)
    }
    expect(stage.encoders).to.have.length(4)
    expect(stage.events.filter(({ type }) => type === 'playerFellBehind')).to.deep.equal([])
    // Afterwards all rooms hear the same encoders again.
    expect(stage.encoders.filter(({ isClosed }) => !isClosed)).to.have.length(2)
  })

  it('is heard alone where nothing plays, in step, and then there is silence', () => {
    const stage = new Stage()
    stage.player(1, 'a')
    stage.player(2, 'b', { formats: ['flac'] })
    const { problem } = announce(stage, 'a', 'b')
    expect(problem).to.equal(undefined)
    stage.run(10_000)
    for (const connection of [1, 2]) {
      const [run] = said(stage, connection)
      expect(run!.track).to.equal(silent)
      expect(run!.length).to.equal(announcedFrames)
      expect(stage.messages(connection, 'stream/end')).to.have.length(1)
    }
    expect(said(stage, 1)[0]!.startsAt).to.be.closeTo(said(stage, 2)[0]!.startsAt, 1)
    expect(stage.coordinator.wakeAt).to.equal(undefined)
    expect(stage.coordinator.snapshot(stage.now).groups[0]!.state).to.equal('stopped')
  })

  it('is followed by music that was begun meanwhile, without a gap', () => {
    const stage = new Stage()
    stage.tracks.set('song', song)
    stage.player(1, 'a')
    announce(stage, 'a')
    stage.run(1000)
    stage.play('song')
    stage.run(10_000)
    expect(stage.messages(1, 'stream/end')).to.have.length(0)
    const runs = runsOf(stage.audio(1)).filter(({ track }) => track !== 'lookahead')
    expect(runs.filter(({ over }) => over !== undefined).reduce((sum, { length }) => sum + length, 0)).to.equal(
      announcedFrames,
    )
    const first = runs.find(({ track }) => track === 'song')!
    expect(first.from).to.equal(0)
    const chunks = stage.audio(1)
    for (const [i, { timestamp }] of chunks.entries())
      if (i > 0) expect(timestamp).to.be.closeTo(chunks[i - 1]!.endAt, 1)
  })

  it('outlasts the music it was heard over', () => {
    const stage = new Stage()
    stage.tracks.set('song', { frames: 48_000 * 12 })
    stage.player(1, 'a')
    stage.play('song')
    stage.run(6000)
    announce(stage, 'a')
    stage.run(20_000)
    const frames = said(stage, 1).reduce((sum, { length }) => sum + length, 0)
    expect(frames).to.equal(announcedFrames)
    expect(stage.events.filter(({ type }) => type === 'playbackEnded')).to.have.length(1)
  })

  it('that a seek, a pause or a stop cuts off is said again', () => {
    const stage = playing()
    announce(stage, 'a', 'b', 'c', 'd')
    stage.run(6000)
    stage.clearHeard()
    stage.command({ command: 'pause', group: stage.group })
    stage.run(10_000)
    expect(said(stage, 1).map(({ track, length }) => ({ track, length }))).to.deep.equal([
      { track: silent, length: announcedFrames },
    ])
    stage.command({ command: 'play', group: stage.group })
    stage.run(5000)
    announce(stage, 'a', 'b', 'c', 'd')
    stage.run(6000)
    stage.clearHeard()
    stage.command({ command: 'seek', group: stage.group, positionMs: 60_000 })
    stage.run(10_000)
    expect(said(stage, 1).map(({ track, length, over }) => ({ track, length, over }))).to.deep.equal([
      { track: 'song', length: announcedFrames, over: 0 },
    ])
  })

  it('begins at one instant in groups that play different music, or none', () => {
    const stage = playing()
    stage.command({ command: 'isolateClient', client: 'd' })
    stage.run(500)
    announce(stage, 'a', 'd')
    stage.run(15_000)
    expect(said(stage, 1)[0]!.startsAt).to.be.closeTo(said(stage, 4)[0]!.startsAt, 1e6 / 48_000)
    expect(said(stage, 4)[0]!.track).to.equal(silent)
    expect(said(stage, 2)).to.deep.equal([])
  })

  it('waits until the one before is over', () => {
    const stage = playing()
    announce(stage, 'a', 'b')
    announce(stage, 'c')
    stage.run(30_000)
    const [a, c] = [said(stage, 1), said(stage, 3)]
    expect(a).to.have.length(1)
    expect(c).to.have.length(1)
    expect(c[0]!.from).to.be.at.least(a[0]!.from + announcedFrames)
    expect(said(stage, 4)).to.deep.equal([])
    for (const connection of [1, 2, 3, 4]) expectWhole(stage, connection)
  })

  it('says in one line what is in the way', () => {
    const stage = playing()
    expect(announce(stage, 'a', 'Attic').problem).to.equal(
      'no room Attic is connected; there are Room a, Room b, Room c, Room d',
    )
    stage.input({ type: 'command', request: 1, command: { command: 'announce', rooms: ['a'] } })
    expect(stage.answers.at(-1)!.problem).to.equal('give either a location or a text to announce')
    stage.input({ type: 'command', request: 1, command: { command: 'announce', rooms: ['a'], text: 'hello' } })
    stage.run(100)
    expect(stage.answers.at(-1)!.problem).to.equal('nobody can speak')
    stage.clipFrames = 0
    expect(announce(stage, 'a').problem).to.equal('it holds no audio')
  })
})
