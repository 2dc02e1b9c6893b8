import type { ServerUs } from '@tutti/clock'
import { type ServerMessage, serverSchemas, telemetrySchemas } from '@tutti/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import * as v from 'valibot'
import { Conversation } from './conversation.js'

const second = 1e6

/** A conversation in which audio is being heard. */
function playing(): Conversation {
  const talk = new Conversation()
  talk.play()
  talk.heard()
  return talk
}

/** What the player sent, without the link and everything but sends. */
const sends = (lines: readonly string[]) => lines.flatMap((line) => line.match(/^\d+> (client\/.*)$/)?.[1] ?? [])

describe('Player', () => {
  describe('meets a server', () => {
    it('says hello, locks, reports everything, plays, and says goodbye', () => {
      const talk = new Conversation()
      talk.pass(0)
      expect(talk.heard()).to.deep.equal(['waiting → connecting', 'dial'])

      talk.open()
      const [opened, hello] = talk.heard()
      expect(opened).to.equal('connecting → greeting')
      expect(hello).to.match(/^1> client\/hello {"client_id":"kitchen-1","name":"Kitchen",/)

      talk.hello()
      talk.pass(3_000)
      expect(talk.heard()).to.deep.equal([
        'greeting → syncing',
        'syncing → ready',
        '1> client/state {"state":"synchronized","player":{"state":"synchronized","volume":100,"muted":false,' +
          '"static_delay_ms":0,"required_lead_time_ms":400,"min_buffer_ms":135,' +
          '"supported_commands":["volume","mute","set_static_delay"]}}',
      ])

      talk.startStream()
      talk.pass(20)
      const dueAt = talk.serverNow + 0.5 * second
      talk.stream(dueAt, 100)
      talk.pass(100)
      expect(talk.control?.anchor).to.include({ epoch: 1, frame: 0, sampleRate: 48_000 })
      expect(talk.control?.anchor?.serverAt).to.be.closeTo(dueAt, 1)
      talk.report('playing')
      talk.say({ type: 'stream/end', payload: {} })
      expect(talk.control?.anchor).to.equal(undefined)
      talk.input({ type: 'stop', reason: 'shutdown' })
      expect(talk.heard()).to.deep.equal([
        'decoder 1: opus',
        'ready → buffering',
        'buffering → playing',
        'playing → ready',
        '1> client/goodbye {"reason":"shutdown"}',
        '1> hangs up: shutdown',
        'ready → closed',
      ])
      expect(talk.decoders.map(({ closed }) => closed)).to.deep.equal([true])
      expect(talk.player.wakeAt).to.equal(undefined)
      talk.open()
      expect(talk.heard()).to.deep.equal([])
    })

    it('keeps the clock within microseconds of the server', () => {
      const talk = new Conversation()
      talk.settle()
      talk.pass(60_000)
      const model = talk.control!.clock!
      const estimate = model.serverAt + (talk.nowUs - model.localAt) * (1 + model.driftPpm * 1e-6)
      expect(estimate).to.be.closeTo(talk.serverNow, 5)
    })

    it('reports an error, rather than nothing, when the clocks do not lock in time', () => {
      const talk = new Conversation()
      talk.answering = false
      talk.settle()
      expect(sends(talk.heard())).to.have.length(1) // the hello
      talk.pass(1_500)
      expect(sends(talk.heard())[0]).to.match(/^client\/state {"state":"error","player":{"state":"error","volume":100/)
      talk.answering = true
      talk.pass(10_000)
      expect(sends(talk.heard())).to.deep.equal([
        'client/state {"state":"synchronized","player":{"state":"synchronized","min_buffer_ms":135}}',
      ])
    })

    it('has its audio sent while the clocks are still being compared, where the path is bad', () => {
      const talk = new Conversation()
      let packets = 0
      // 5 to 55 ms, no two packets alike.
      Object.defineProperty(talk, 'oneWayUs', { get: () => 5_000 + 50_000 * ((packets++ * 0.618) % 1) })
      talk.pass(0)
      talk.open()
      talk.hello()
      talk.pass(800)
      expect(talk.player.state).to.equal('syncing')
      const told = sends(talk.heard()).at(-1)
      expect(told).to.match(/^client\/state {"state":"error"/)
      expect(Number(told?.match(/"min_buffer_ms":(\d+)/)?.[1])).to.be.above(1_000)
      talk.startStream()
      talk.pass(20)
      talk.stream(talk.serverNow + second, 500)
      talk.pass(1_000)
      expect(talk.control).to.include({ clock: undefined })
      expect(talk.control?.anchor).to.include({ sampleRate: 48_000 })
      talk.pass(5_000)
      expect(talk.player.state).to.equal('buffering')
      expect(talk.control?.clock).not.to.equal(undefined)
    })

    it('says so when the server does not give it the player role', () => {
      const talk = new Conversation()
      talk.pass(0)
      talk.open()
      const payload = {
        server_id: 's',
        name: 'S',
        version: 1,
        active_roles: [],
        connection_reason: 'discovery',
      } as const
      talk.say({ type: 'server/hello', payload })
      expect(talk.heard()).to.include('! S does not let this player play; check its settings there')
    })

    it('dials again with growing patience, and keeps what it knows of the clocks', () => {
      const talk = new Conversation()
      talk.settle()
      talk.pass(20_000)
      talk.heard()
      talk.drop()
      expect(talk.heard()).to.deep.equal([
        'ready → waiting',
        '! no connection to a server: connection reset; trying again',
      ])
      const dialled: number[] = []
      for (let n = 0; n < 4; n++) {
        while (!talk.heard().includes('dial')) talk.pass(1)
        dialled.push(talk.nowUs)
        talk.input({ type: 'disconnected', link: undefined, reason: 'refused' })
      }
      const waitsMs = dialled.slice(1).map((us, n) => Math.round((us - dialled[n]!) / 1000))
      expect(waitsMs).to.deep.equal([300, 600, 1200])
      expect(talk.saved.at(-1)?.drifts.house?.driftPpm).to.be.closeTo(20, 1)
    })
  })

  describe('in a stream', () => {
    it('changes the format in place, and decodes what is queued in the format it came in', () => {
      const talk = playing()
      const epoch = talk.control?.anchor?.epoch
      talk.startStream('flac')
      talk.stream(talk.serverNow + 10 * second - 80_000, 50)
      for (let n = 0; n < 220; n++) {
        talk.pass(50)
        talk.report('playing')
      }
      expect(talk.decoders.map(({ closed }) => closed)).to.deep.equal([true, false])
      expect(talk.control?.anchor?.epoch).to.equal(epoch)
      expect(talk.player.status(talk.nowUs as never).chunks.undecodable).to.equal(0)
    })

    it('takes a repeated start for no change at all', () => {
      const talk = playing()
      talk.startStream()
      expect(talk.heard()).to.deep.equal([])
    })

    it('throws everything queued away on a clear, and starts a new epoch', () => {
      const talk = playing()
      const before = talk.control!.anchor!
      talk.say({ type: 'stream/clear', payload: { roles: ['player'] } })
      expect(talk.control?.anchor).to.equal(undefined)
      expect(talk.heard()).to.deep.equal(['playing → buffering'])
      const dueAt = talk.serverNow + 0.6 * second
      talk.stream(dueAt, 10)
      talk.pass(10)
      expect(talk.control?.anchor).to.include({ epoch: before.epoch + 1, frame: talk.media.endFrame - 10 * 960 })
      expect(talk.control?.anchor?.serverAt).to.be.closeTo(dueAt, 1)
    })

    it('does not take the end of what was cleared for the beginning of what follows', () => {
      const talk = playing()
      talk.say({ type: 'stream/clear', payload: {} })
      talk.report('playing')
      expect(talk.player.state).to.equal('buffering')
      talk.pass(500)
      talk.report('playing')
      expect(talk.player.state).to.equal('playing')
    })

    it('counts as playing when the audio thread has been playing all along', () => {
      const talk = playing()
      talk.drop()
      talk.report('playing')
      talk.open()
      talk.hello()
      talk.pass(100)
      talk.startStream()
      talk.report('playing')
      expect(talk.player.state).to.equal('playing')
    })

    it('starts anew where the server goes back in time without a word', () => {
      const talk = playing()
      const before = talk.control!.anchor!
      const dueAt = talk.serverNow + 0.6 * second
      talk.stream(dueAt, 10)
      talk.pass(10)
      expect(talk.player.state).to.equal('buffering')
      expect(talk.control?.anchor?.epoch).to.equal(before.epoch + 1)
      expect(talk.control?.anchor?.serverAt).to.be.closeTo(dueAt, 1)
    })

    it('leaves the stream alone when a clear or an end is for other roles', () => {
      const talk = playing()
      talk.say({ type: 'stream/clear', payload: { roles: ['visualizer'] } })
      talk.say({ type: 'stream/end', payload: { roles: ['artwork'] } })
      expect(talk.player.state).to.equal('playing')
      expect(talk.heard()).to.deep.equal([])
    })

    it('reports starving, at most once a second', () => {
      const talk = playing()
      talk.pass(1_000)
      for (let n = 0; n < 50; n++) {
        talk.report(n % 2 === 0 ? 'starved' : 'playing')
        talk.pass(10)
      }
      talk.report('playing')
      talk.pass(2_000)
      expect(sends(talk.heard())).to.deep.equal([
        'client/state {"state":"error","player":{"state":"error"}}',
        'client/state {"state":"synchronized","player":{"state":"synchronized"}}',
      ])
    })

    it('drops audio that comes without a stream or over another connection', () => {
      const talk = new Conversation()
      talk.settle()
      talk.stream(talk.serverNow + second, 10)
      talk.startStream()
      talk.stream(talk.serverNow + second, 10, 99)
      talk.pass(100)
      expect(talk.media.endFrame).to.equal(0)
    })

    it('stays silent, and says why, when the server sends what it cannot decode', () => {
      const talk = new Conversation()
      talk.decodes = false
      talk.settle()
      talk.startStream()
      talk.pass(20)
      talk.stream(talk.serverNow + second, 10)
      talk.pass(100)
      expect(talk.heard()).to.include('! no decoder: no such codec; this stream stays silent')
      expect(talk.player.status(talk.nowUs as never).chunks.undecodable).to.equal(10)

      talk.say({
        type: 'stream/start',
        payload: { player: { codec: 'mp3' as never, sample_rate: 48_000, channels: 2 } },
      })
      expect(talk.heard()).to.include('! Server house sends mp3, which this player cannot decode')

      talk.decodes = true
      talk.startStream()
      expect(talk.heard()).to.deep.equal(['decoder 3: opus'])
    })

    it('shows what is playing', () => {
      const talk = playing()
      const timestamp = talk.serverNow
      talk.say({ type: 'server/state', payload: { metadata: { timestamp, title: 'Blue', artist: 'Joni' } } })
      talk.say({ type: 'server/state', payload: { metadata: { timestamp, artist: null } } })
      talk.say({ type: 'group/update', payload: { group_name: 'Downstairs', playback_state: 'playing' } })
      const status = talk.player.status(talk.nowUs as never)
      expect(status).to.include({ title: 'Blue', artist: undefined, group: 'Downstairs', format: 'opus/48000/2/16' })
      expect(status.clockErrorBoundUs).to.be.within(0, 2_000)
      expect(status.bufferedMs).to.be.greaterThan(5_000)
    })
  })

  describe('when the connection is lost', () => {
    it('plays on from its buffer, and lets the new stream replace the old from its first chunk', () => {
      const talk = playing()
      const epoch = talk.control?.anchor?.epoch
      talk.drop()
      talk.pass(500)
      talk.report('playing')
      expect(talk.control?.anchor?.epoch).to.equal(epoch)
      expect(talk.control?.clock).to.not.equal(undefined)
      talk.open()
      talk.hello()
      talk.pass(100)
      talk.startStream()
      const buffered = talk.player.status(talk.nowUs as never).bufferedMs
      talk.stream(talk.serverNow + 3 * second, 1)
      expect(talk.player.status(talk.nowUs as never).bufferedMs).to.be.within(1_000, buffered - 4_000)
      expect(talk.control?.anchor?.epoch).to.equal(epoch)
    })

    it('stops and starts in step when the server has come back with another clock', () => {
      const talk = playing()
      talk.pass(30_000)
      const driftPpm = talk.player.status(talk.nowUs as never).driftPpm!
      talk.startStream()
      talk.stream(talk.serverNow + 0.5 * second, 100)
      talk.report('playing')
      talk.drop()
      talk.pass(200)
      talk.serverOffsetUs = 77_000_000
      talk.heard()
      talk.open()
      talk.hello()
      talk.pass(1)
      expect(talk.heard()).to.include('! Server house has restarted its clock; starting in step again')
      expect(talk.control).to.include({ clock: undefined, anchor: undefined })
      talk.pass(2_000)
      expect(talk.player.state).to.equal('ready')
      expect(talk.player.status(talk.nowUs as never).driftPpm).to.be.closeTo(driftPpm, 1)
      const model = talk.control!.clock!
      expect(model.serverAt - model.localAt).to.be.closeTo(77_000_000, 10_000)
    })

    it('forgets what it was playing once that is over', () => {
      const talk = playing()
      talk.drop()
      for (let n = 0; n < 250; n++) {
        talk.pass(50)
        talk.report('playing')
      }
      expect(talk.control?.anchor).to.equal(undefined)
    })
  })

  describe('does what it is told', () => {
    it('by the server, reports it and keeps it', () => {
      const talk = playing()
      talk.say({ type: 'server/command', payload: { player: { command: 'volume', volume: 25 } } })
      talk.say({ type: 'server/command', payload: { player: { command: 'mute', mute: true } } })
      talk.say({ type: 'server/command', payload: { player: { command: 'volume', volume: 36 } } })
      talk.say({ type: 'server/command', payload: { player: { command: 'set_static_delay', static_delay_ms: 120 } } })
      talk.say({ type: 'server/command', payload: { player: { command: 'set_output_delay', output_delay_ms: 9_999 } } })
      expect(sends(talk.heard())).to.deep.equal([
        'client/state {"player":{"volume":25}}',
        'client/state {"player":{"muted":true}}',
        'client/state {"player":{"volume":36}}',
        'client/state {"player":{"static_delay_ms":120}}',
        'client/state {"player":{"static_delay_ms":5000}}',
      ])
      expect(talk.control).to.include({ gain: 0, outputDelayUs: 5_000_000 })
      talk.say({ type: 'server/command', payload: { player: { command: 'mute', mute: false } } })
      expect(talk.control?.gain).to.be.closeTo(0.36 ** 1.5, 1e-12)
      expect(talk.saved.at(-1)).to.include({ volume: 36, muted: false, outputDelayMs: 5_000, lastServerId: 'house' })
    })

    it('by its user, also without a server', () => {
      const talk = new Conversation()
      talk.input({ type: 'set', settings: { volume: 50, channelMode: 'left' } })
      expect(talk.control).to.include({ channelMode: 'left' })
      talk.input({ type: 'set', settings: { volume: 50 } })
      expect(talk.saved).to.have.length(1)
      talk.settle()
      expect(sends(talk.heard()).at(-1)).to.include('"volume":50')
    })
  })

  describe('that lets itself be dialled', () => {
    const courted = (settings = {}) => new Conversation({ connect: 'listen', settings })

    it('dials nobody', () => {
      const talk = courted()
      talk.pass(60_000)
      talk.settle()
      talk.drop()
      expect(talk.transcript.at(-1)).to.equal('! lost the server: connection reset; waiting for one to come back')
      talk.pass(60_000)
      expect(talk.heard().filter((line) => line === 'dial')).to.deep.equal([])
      expect(talk.player.state).to.equal('waiting')
    })

    it('leaves a server that is just looking for one that plays', () => {
      const talk = courted()
      talk.open()
      talk.hello(1, { id: 'a' })
      talk.open()
      talk.heard()
      talk.hello(2, { id: 'b', reason: 'playback' })
      expect(talk.heard()).to.deep.equal([
        '1> client/goodbye {"reason":"another_server"}',
        '1> hangs up: another_server',
        'syncing → waiting',
        'waiting → greeting',
        'greeting → syncing',
      ])
      talk.drop(1)
      expect(talk.player.state).to.equal('syncing')
      expect(talk.saved.at(-1)?.lastServerId).to.equal('b')
    })

    it('keeps a server that plays, and of two that look the one that played last', () => {
      const talk = courted({ lastServerId: 'b' })
      talk.open()
      talk.hello(1, { id: 'a' })
      talk.open()
      talk.hello(2, { id: 'b' })
      talk.open()
      talk.heard()
      talk.hello(3, { id: 'a' })
      expect(talk.heard()).to.deep.equal([
        '3> client/goodbye {"reason":"another_server"}',
        '3> hangs up: another_server',
      ])
    })

    it('takes back the same server over a newer connection', () => {
      const talk = courted()
      talk.open()
      talk.hello(1, { id: 'a', reason: 'playback' })
      talk.open()
      talk.hello(2, { id: 'a' })
      talk.heard()
      talk.drop(1)
      expect(talk.player.state).to.equal('syncing')
      talk.drop(2)
      expect(talk.player.state).to.equal('waiting')
    })

    it('does not collect servers that never say hello', () => {
      const talk = courted()
      for (let n = 0; n < 10; n++) talk.open()
      expect(talk.heard().filter((line) => line.endsWith('hangs up: too many servers at once'))).to.have.length(5)
    })
  })

  describe('under attack', () => {
    const text = fc.string({ maxLength: 10 })
    const number = fc.oneof(fc.integer(), fc.double(), fc.constant(0), fc.constant(2 ** 53))
    const player = fc.record(
      {
        codec: fc.constantFrom('opus', 'flac', 'pcm', 'mp3'),
        sample_rate: fc.constantFrom(8_000, 44_100, 48_000, 192_000),
        channels: fc.integer({ min: 1, max: 8 }),
        codec_header: text,
      },
      { requiredKeys: ['codec', 'sample_rate', 'channels'] },
    )
    const said = fc.oneof(
      fc.record({
        type: fc.constant('server/hello'),
        payload: fc.record({
          server_id: text,
          name: text,
          version: fc.constant(1),
          active_roles: fc.array(text),
          connection_reason: fc.constantFrom('discovery', 'playback'),
        }),
      }),
      fc.record({
        type: fc.constant('server/time'),
        payload: fc.record({
          client_transmitted: number,
          server_received: number,
          server_transmitted: number,
        }),
      }),
      fc.record({ type: fc.constant('stream/start'), payload: fc.record({ player }) }),
      fc.record({ type: fc.constantFrom('stream/clear', 'stream/end'), payload: fc.constant({}) }),
      fc.record({ type: fc.constant('group/update'), payload: fc.constant({ playback_state: 'playing' }) }),
      fc.record({
        type: fc.constant('server/command'),
        payload: fc.record({
          player: fc.oneof(
            fc.record({ command: fc.constant('volume'), volume: fc.integer({ min: 0, max: 100 }) }),
            fc.record({ command: fc.constant('set_static_delay'), static_delay_ms: fc.integer({ min: 0, max: 5000 }) }),
          ),
        }),
      }),
    )
    const act = fc.oneof(
      { weight: 3, arbitrary: said.map((message) => ({ act: 'say', message }) as const) },
      {
        weight: 3,
        arbitrary: fc.record({
          act: fc.constant('audio' as const),
          aheadUs: fc.integer({ min: -1e7, max: 1e9 }),
          frames: fc.integer({ min: -1, max: 2e5 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ act: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 3_000 }) }),
      },
      { weight: 1, arbitrary: fc.record({ act: fc.constantFrom('open' as const, 'drop' as const, 'hello' as const) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          act: fc.constant('report' as const),
          state: fc.constantFrom('idle', 'waiting', 'playing', 'starved'),
        }),
      },
    )

    it('stays a player, whatever well-formed messages come in whatever order', () => {
      fc.assert(
        fc.property(fc.constantFrom('dial', 'listen'), fc.array(act, { maxLength: 120 }), (connect, acts) => {
          const talk = new Conversation({ connect: connect as 'dial' | 'listen' })
          talk.pass(0)
          let link = talk.open()
          talk.hello()
          talk.pass(1_000)
          talk.startStream()
          for (const step of acts) {
            switch (step.act) {
              case 'say': {
                const schema = serverSchemas[step.message.type as ServerMessage['type']]
                const parsed = v.safeParse(schema as v.GenericSchema, step.message.payload)
                if (parsed.success) talk.say({ type: step.message.type, payload: parsed.output } as ServerMessage)
                break
              }
              case 'audio': {
                const timestamp = (talk.serverNow + step.aheadUs) as ServerUs
                talk.input({ type: 'audio', link, chunk: { timestamp, payload: step.frames } })
                break
              }
              case 'pass':
                talk.pass(step.ms)
                break
              case 'open':
                if (connect === 'listen' || talk.player.state === 'connecting') link = talk.open()
                break
              case 'hello':
                talk.hello()
                break
              case 'drop':
                talk.drop()
                break
              case 'report':
                talk.report(step.state as never)
                break
            }
            expect(talk.media.endFrame - talk.media.firstFrame).to.be.at.most(4 * 48_000)
          }
          talk.input({ type: 'stop', reason: 'shutdown' })
          expect(talk.player.state).to.equal('closed')
          talk.pass(20)
          expect(talk.decoders.every(({ closed }) => closed)).to.equal(true)
        }),
        { numRuns: 200 },
      )
    })

    it('holds no more than it promised under a flood', () => {
      const talk = new Conversation()
      talk.settle()
      talk.startStream()
      talk.pass(20)
      talk.stream(talk.serverNow + second, 40_000)
      const { chunks, bufferedMs } = talk.player.status(talk.nowUs as never)
      expect(chunks.refused).to.be.greaterThan(10_000)
      // 320 bytes each, 5 MB in all, and what is decoded.
      expect(bufferedMs).to.be.below((5_000_000 / 320) * 20)
    })

    it('holds few decoders, however often the format changes', () => {
      const talk = playing()
      for (let n = 0; n < 100; n++) {
        talk.startStream(n % 2 === 0 ? 'flac' : 'pcm')
        talk.stream(talk.serverNow + 11 * second + n * 40_000, 1)
        talk.pass(15)
      }
      expect(talk.decoders.filter(({ closed }) => !closed)).to.have.length.at.most(5)
    })
  })

  describe('tells a server that wants to know how it goes', () => {
    const asked = { roles: ['player@v1', '_tutti_telemetry@v1', '_tutti_channel@v1'] }

    it('once a second, with its channel and its sound card', () => {
      const talk = new Conversation({ output: 'USB DAC' })
      talk.pass(0)
      talk.open()
      talk.hello(1, asked)
      talk.pass(3_500)
      const told = sends(talk.heard()).filter((line) => line.startsWith('client/_tutti_telemetry'))
      expect(told).to.have.length(4)
      const last = JSON.parse(told.at(-1)!.replace('client/_tutti_telemetry ', ''))
      expect(v.parse(telemetrySchemas['client/_tutti_telemetry'], last)).to.deep.equal(last)
      expect(last).to.include({ state: 'idle', late_us: 0, channel: 'stereo', output: 'USB DAC' })
      expect(last.round_trip_us).to.be.within(600, 605)
      expect(last.drift_ppm).to.be.within(-50, 90)

      talk.say({ type: 'server/_tutti_channel', payload: { channel: 'left' } })
      expect(talk.control?.channelMode).to.equal('left')
      talk.drop()
      talk.pass(500)
      expect(sends(talk.heard()).join()).to.not.include('telemetry')
    })

    it('but no other', () => {
      const talk = new Conversation()
      talk.settle()
      talk.pass(3_000)
      expect(talk.transcript.join('\n')).to.not.include('client/_tutti_telemetry {')
    })
  })
})
