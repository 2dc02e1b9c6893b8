import type { LocalUs, ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { type Moment, SessionPlayback } from '../src/session-playback.js'
import { idleTelemetry, type PlayoutState, type Telemetry } from '../src/telemetry.js'
import { config } from './conversation.js'
import { type Length, LengthDecoder, LengthStore, tailOf } from './length-store.js'

const player = { codec: 'opus', sample_rate: 48_000, channels: 2, bit_depth: 16 } as const
const aheadUs = 7_000_000

/** The server's clock is `aheadUs` ahead; nothing follows the device. */
const moment = (us: number): Moment => ({
  at: us as LocalUs,
  serverAt: (us + aheadUs) as ServerUs,
  outputDelayUs: 0,
  awaitsReply: true,
})

const report = (state: PlayoutState): Telemetry => ({ ...idleTelemetry, state })

/** A running stream with a decoder, at local time 0. */
function streaming() {
  const media = new LengthStore(48_000)
  const playback = new SessionPlayback<number, Length>(config, { media, sizeOf: () => 320, tailOf })
  const decoder = new LengthDecoder()
  const { stream } = playback.start(player)!
  playback.equip(stream, decoder, moment(0))
  /** A chunk of 20 ms that arrives at `us` and is due at `dueUs`, both local. */
  const arrive = (us: number, dueUs: number) =>
    playback.arrived({ timestamp: (dueUs + aheadUs) as ServerUs, payload: 960 }, moment(us))
  return { playback, media, decoder, arrive }
}

describe('SessionPlayback', () => {
  it('decodes a little at a time, and says where it belongs', () => {
    const { playback, media, arrive } = streaming()
    const { stream } = playback.start({ ...player, codec: 'flac' })!
    for (let n = 0; n < 100; n++) arrive(100 + n, 500_000 + n * 20_000)
    expect(media.endFrame).to.equal(0)
    playback.equip(stream, new LengthDecoder(), moment(1_000))
    expect(media.endFrame).to.equal(config.decodePump.chunksPerRun * 960)
    expect(playback.wakeAt).to.equal(2_000)
    for (let us = 2_000; playback.wakeAt !== undefined; us += 1_000) playback.wake(moment(us))
    expect(media.endFrame).to.be.greaterThan(10 * config.decodePump.chunksPerRun * 960)
    expect(playback.anchor).to.include({ frame: 0, serverAt: 500_000 + aheadUs })
  })

  it('takes no report for the new sound while the old one may still be fading out', () => {
    const { playback } = streaming()
    expect(playback.reported(report('playing'), moment(0))).to.equal('heard')
    playback.jump(1_000 as LocalUs)
    expect(playback.reported(report('playing'), moment(200_999))).to.equal(undefined)
    expect(playback.reported(report('playing'), moment(201_000))).to.equal('heard')
  })

  it('says at once that it has run dry', () => {
    const { playback } = streaming()
    playback.clear(1_000 as LocalUs)
    expect(playback.reported(report('starved'), moment(1_001))).to.equal('starved')
    expect(playback.reported(report('idle'), moment(1_002))).to.equal(undefined)
  })

  it('notices when the server goes back in time without a word', () => {
    const { arrive } = streaming()
    for (let n = 0; n < 200; n++) expect(arrive(100, 1_000_000 + n * 20_000)).to.equal(false)
    expect(arrive(200, 900_000)).to.equal(true)
  })

  it('forgets the last of a stream that is over once it has been heard', () => {
    const { playback, arrive } = streaming()
    arrive(0, 500_000)
    playback.audio.disconnected()
    playback.reported(report('playing'), moment(519_000))
    expect(playback.anchor).to.not.equal(undefined)
    playback.reported(report('playing'), moment(521_000))
    expect(playback.anchor).to.equal(undefined)
  })

  it('frees its decoders at the end', () => {
    const { playback, decoder } = streaming()
    playback.close()
    expect(decoder.closed).to.equal(true)
    expect(playback.wakeAt).to.equal(undefined)
  })
})
