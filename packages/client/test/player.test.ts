import { telemetrySchemas } from '@tutti/protocol'
import { expect } from 'chai'
import * as v from 'valibot'
import { Conversation, playing, sends } from './conversation.js'

const second = 1e6

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
          '"static_delay_ms":0,"required_lead_time_ms":400,"min_buffer_ms":147,' +
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
        'client/state {"state":"synchronized","player":{"state":"synchronized","min_buffer_ms":147}}',
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
      expect(last.error_bound_us).to.be.within(300, 2_000)

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
