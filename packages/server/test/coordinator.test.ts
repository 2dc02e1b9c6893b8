import { expect } from 'chai'
import fc from 'fast-check'
import type { SaidMessage } from '../src/output.js'
import { silent } from './stage.js'
import { groupState, music, originOf, second, stageWith } from './stage-tracks.js'

function types(messages: readonly SaidMessage[]): readonly string[] {
  return messages.map((message) => message.type)
}

describe('Coordinator, playing', () => {
  it('plays a track from its first frame to its last, in step, and ends when it has been heard', () => {
    const stage = stageWith(['a', 10.01])
    stage.player(1, 'kitchen')
    stage.player(2, 'bath', { formats: ['flac'] })
    stage.player(3, 'hall', { formats: ['pcm'] })
    stage.play('a')
    stage.run(15_000)
    const starts = [1, 2, 3].map((connection) => {
      const [first, tail, ...others] = music(stage, connection)
      expect(first).to.deep.include({ track: 'a', from: 0, length: 10.01 * second })
      expect(tail!.track).to.equal(silent)
      expect(others).to.deep.equal([])
      return first!.startsAt
    })
    for (const start of starts) expect(start).to.be.closeTo(starts[0]!, 1)
    const end = stage.heard.find((heard) => heard.message?.type === 'stream/end')!
    expect(end.at - (starts[0]! + 10.01e6)).to.be.within(0, 300_000)
    expect(groupState(stage)).to.include({ state: 'stopped', positionMs: 0 })
  })

  it('begins after the lead the slowest player asks for, the same every time', () => {
    const leads = [0, 7, 33].map((delay) => {
      const stage = stageWith(['a', 10])
      stage.player(1, 'quick', { state: { required_lead_time_ms: 100, min_buffer_ms: 50 } })
      stage.player(2, 'slow', { state: { required_lead_time_ms: 800, output_delay_ms: 150 } })
      stage.run(delay)
      stage.play('a')
      stage.run(2000)
      const start = stage.heard.find((heard) => heard.message?.type === 'stream/start')!
      return music(stage, 1)[0]!.startsAt - start.at
    })
    for (const lead of leads) expect(lead).to.be.closeTo(950_000, 1)
  })

  it('announces a stream before its audio, with the header the codec needs', () => {
    const stage = stageWith(['a', 5])
    stage.player(1, 'hall', { formats: ['flac'] })
    stage.play('a')
    stage.run(1000)
    const firstAudio = stage.heard.findIndex((heard) => heard.audio)
    const start = stage.heard.findIndex((heard) => heard.message?.type === 'stream/start')
    expect(start).to.be.within(0, firstAudio)
    expect(stage.heard[start]!.message!.payload).to.deep.equal({
      player: { codec: 'flac', sample_rate: 48_000, channels: 2, bit_depth: 16, codec_header: 'ZkxhQw==' },
    })
  })

  it('sends every chunk once, in order, without a seam, never past the send-ahead', () => {
    const stage = stageWith(['a', 20])
    stage.player(1, 'kitchen')
    stage.play('a')
    stage.run(25_000)
    let last: { readonly endAt: number } | undefined
    for (const { at, audio } of stage.heard) {
      if (audio === undefined) continue
      if (last !== undefined) expect(audio.timestamp).to.equal(last.endAt)
      expect(audio.timestamp - at).to.be.at.most(5e6)
      last = audio
    }
  })

  it('keeps every player’s buffer within its bytes, and above what it needs', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8000, max: 200_000 }),
        fc.constantFrom('opus', 'flac', 'pcm'),
        (capacity, format) => {
          const stage = stageWith(['a', 12])
          const bytes = format === 'opus' ? 320 : format === 'flac' ? 9000 : 4800
          const holds = Math.max(capacity, 3 * (bytes + 13))
          stage.player(1, 'room', { formats: [format], capacity: holds })
          stage.play('a')
          stage.run(15_000)
          const sent = stage.heard.flatMap(({ at, audio }) => (audio ? [{ at, ...audio }] : []))
          for (const { at } of sent) {
            const inBuffer = sent.filter((chunk) => chunk.at <= at && chunk.endAt > at)
            expect(inBuffer.reduce((sum, chunk) => sum + chunk.bytes, 0)).to.be.at.most(holds)
          }
          expect(music(stage, 1)[0]).to.deep.include({ track: 'a', from: 0, length: 12 * second })
        },
      ),
      { numRuns: 25 },
    )
  })

  it('plays on into the next track without losing or adding a frame, and says so when it is heard', () => {
    const stage = stageWith(['a', 7.777], ['b', 3.333], ['c', 6])
    stage.player(1, 'kitchen', { roles: ['player@v1', 'metadata@v1'] })
    stage.play('a', 'b', 'c')
    stage.run(25_000)
    const runs = music(stage, 1)
    expect(runs.map(({ track, length }) => [track, track === silent ? 0 : length])).to.deep.equal([
      ['a', Math.round(7.777 * second)],
      ['b', Math.round(3.333 * second)],
      ['c', 6 * second],
      [silent, 0],
    ])
    expect(types(stage.messages(1)).filter((type) => type.startsWith('stream/'))).to.deep.equal([
      'stream/start',
      'stream/end',
    ])
    for (const [index, title] of ['Title of b', 'Title of c'].entries()) {
      const told = stage.heard.find(
        ({ message }) => message?.type === 'server/state' && message.payload.metadata?.title === title,
      )!
      expect(told.at - runs[index + 1]!.startsAt).to.be.within(0, 3000)
    }
  })

  it('takes in what waiting tracks say about themselves, and plays on as if nothing had been said', () => {
    const play = (isTold: boolean) => {
      const stage = stageWith(['a', 4], ['b', 3])
      stage.player(1, 'kitchen')
      stage.play('a', 'b')
      stage.run(1_000)
      const queue = () => stage.coordinator.snapshot(stage.now).groups[0]!.queue
      const facts = new Map([
        [queue()[1]!.id, { tags: { title: 'Paper Boats', artist: 'The Lanterns' }, durationMs: 3_000 }],
        ['nowhere', { tags: { title: 'Nothing' } }],
      ])
      if (isTold) stage.input({ type: 'tracksRead', facts })
      const waiting = queue()[1]!
      stage.run(9_000)
      return { waiting, runs: music(stage, 1) }
    }
    const told = play(true)
    expect(told.waiting).to.deep.include({ title: 'Paper Boats', durationMs: 3_000 })
    expect(told.runs).to.deep.equal(play(false).runs)
  })

  it('repeats one track, or all of them, without a seam', () => {
    const stage = stageWith(['a', 3], ['b', 2])
    stage.player(1, 'kitchen')
    stage.play('a', 'b')
    stage.command({ command: 'setRepeat', group: stage.group, repeat: 'all' })
    stage.run(9000)
    expect(
      music(stage, 1)
        .map((run) => run.track)
        .slice(0, 4),
    ).to.deep.equal(['a', 'b', 'a', 'b'])
    stage.command({ command: 'setRepeat', group: stage.group, repeat: 'one' })
    stage.run(20_000)
    stage.clearHeard()
    stage.run(10_000)
    expect(new Set(music(stage, 1).map((run) => run.track)).size).to.equal(1)
  })

  it('takes a late joiner in exactly in step, with future audio only and the lead it needs', () => {
    for (const format of ['opus', 'flac', 'pcm']) {
      const stage = stageWith(['a', 30])
      stage.player(1, 'kitchen')
      stage.play('a')
      stage.run(10_123.4)
      const joinedAt = stage.nowUs
      stage.player(2, 'late', { formats: [format], state: { required_lead_time_ms: 300 } })
      stage.run(5000)
      const [run] = music(stage, 2)
      expect(originOf(run!)).to.be.closeTo(originOf(music(stage, 1)[0]!), 1.5)
      for (const { connection, at, audio } of stage.heard) {
        if (connection === 2 && audio !== undefined) expect(audio.timestamp).to.be.above(at)
      }
      expect(run!.startsAt - joinedAt).to.be.within(290_000, 420_000)
      expect(stage.messages(2, 'stream/start').length).to.equal(1)
      expect(stage.messages(1, 'stream/start').length).to.equal(1)
    }
  })

  it('fills the buffer of a late joiner from what lies ready, and lets it begin when half of it has passed', () => {
    for (const [minBufferMs, leadMs] of [
      [2_000, 1_000],
      [600, 400],
    ] as const) {
      const stage = stageWith(['a', 30])
      stage.player(1, 'kitchen')
      stage.play('a')
      stage.run(10_123.4)
      const joinedAt = stage.nowUs
      stage.player(2, 'late', { state: { required_lead_time_ms: 400, min_buffer_ms: minBufferMs } })
      stage.run(300)
      const [run] = music(stage, 2)
      expect(run!.startsAt - joinedAt).to.be.within(leadMs * 1000 - 20_000, leadMs * 1000 + 120_000)
      const sentUntil = Math.max(...stage.audio(2).map(({ timestamp }) => timestamp))
      expect(sentUntil - stage.nowUs).to.be.above(minBufferMs * 1000)
    }
  })

  it('shares one encoder among players of a format, and frees it after the last one', () => {
    const stage = stageWith(['a', 30])
    stage.player(1, 'kitchen')
    stage.player(2, 'bath')
    stage.player(3, 'hall', { formats: ['pcm'] })
    stage.play('a')
    stage.run(1000)
    expect(stage.encoders.length).to.equal(2)
    stage.input({ type: 'disconnected', connection: 1 })
    expect(stage.encoders.map((encoder) => encoder.isClosed)).to.deep.equal([false, false])
    stage.input({ type: 'disconnected', connection: 2 })
    expect(stage.encoders.map((encoder) => encoder.isClosed)).to.deep.equal([true, false])
  })

  it('starts without a player whose encoder takes too long, and takes it in when it is there', () => {
    const stage = stageWith(['a', 30])
    stage.player(1, 'kitchen')
    stage.run(100)
    stage.encoderDelayMs = 3000
    stage.player(2, 'hall', { formats: ['flac'] })
    stage.play('a')
    stage.run(2500)
    expect(stage.audio(1)).to.not.be.empty
    expect(stage.audio(2)).to.be.empty
    stage.run(3000)
    expect(originOf(music(stage, 2)[0]!)).to.be.closeTo(originOf(music(stage, 1)[0]!), 1.5)
  })

  it('gives a player its next format when an encoder cannot be made, and says when there is none', () => {
    const stage = stageWith(['a', 30])
    stage.failingFormats.add('opus')
    stage.player(1, 'kitchen', { formats: ['opus', 'pcm'] })
    stage.player(2, 'bath', { formats: ['opus'] })
    stage.play('a')
    stage.run(2000)
    expect(stage.messages(1, 'stream/start')[0]!.payload).to.deep.nested.include({ 'player.codec': 'pcm' })
    expect(stage.audio(1)).to.not.be.empty
    expect(stage.audio(2)).to.be.empty
    expect(stage.events.filter((event) => event.type === 'encoderFailed').length).to.equal(1)
    expect(stage.events.filter((event) => event.type === 'noCommonFormat').length).to.equal(1)
  })

  it('waits for the first player before it starts', () => {
    const stage = stageWith(['a', 3])
    stage.play('a')
    stage.run(60_000)
    stage.player(1, 'kitchen')
    stage.run(2000)
    expect(music(stage, 1)[0]).to.deep.include({ track: 'a', from: 0 })
  })

  it('starts for a player that comes after the music was asked for, however much of it the player wants buffered', () => {
    for (let minBufferMs = 0; minBufferMs <= 2000; minBufferMs += 20) {
      const stage = stageWith(['a', 5])
      stage.play('a')
      stage.run(1000)
      stage.player(1, 'kitchen', { state: { min_buffer_ms: minBufferMs } })
      stage.run(1000)
      expect(music(stage, 1)[0], `${minBufferMs} ms`).to.deep.include({ track: 'a', from: 0 })
    }
  })

  it('plays on while a player is away for a moment, and pauses where the last one left', () => {
    const stage = stageWith(['a', 300])
    stage.player(1, 'kitchen')
    stage.play('a')
    stage.run(10_000)
    const origin = originOf(music(stage, 1)[0]!)
    stage.input({ type: 'disconnected', connection: 1 })
    stage.run(8000)
    stage.player(2, 'kitchen')
    stage.run(2000)
    expect(originOf(music(stage, 2)[0]!)).to.be.closeTo(origin, 1.5)
    stage.input({ type: 'disconnected', connection: 2 })
    stage.run(60_000)
    expect(groupState(stage).state).to.equal('paused')
    expect(groupState(stage).positionMs).to.be.closeTo(19_500, 300)
    expect(stage.events.map((event) => event.type)).to.include('playbackAbandoned')
  })

  it('sends live audio only as far ahead as the players need', () => {
    const stage = stageWith(['radio', 3600])
    stage.player(1, 'kitchen', { state: { required_lead_time_ms: 200, min_buffer_ms: 100 } })
    stage.command({ command: 'addTracks', group: stage.group, tracks: [{ location: 'radio', live: true }] })
    stage.command({ command: 'play', group: stage.group })
    stage.run(10_000)
    const ahead = stage.heard.flatMap(({ at, audio }) => (audio ? [audio.timestamp - at] : []))
    expect(Math.max(...ahead)).to.be.below(1e6)
    expect(stage.command({ command: 'seek', group: stage.group, positionMs: 0 })).to.contain('live')
    stage.player(2, 'late', { state: { required_lead_time_ms: 5000 } })
    stage.run(3000)
    expect(originOf(music(stage, 2)[0]!)).to.be.closeTo(originOf(music(stage, 1)[0]!), 1.5)
  })
})
