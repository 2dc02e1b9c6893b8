import type { ServerUs } from '@tutti/clock'
import { type ServerMessage, serverSchemas } from '@tutti/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import * as v from 'valibot'
import { Conversation, playing } from './conversation.js'

const second = 1e6

describe('Player', () => {
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
})
