/**
 * A session with a server, from its hello until it is lost or left: keeps the clocks in step, follows what the server
 * says, plays what it sends, and reports back. What plays outlives the connection: if the server is met again, the
 * session goes on where it was.
 */
import type { LocalUs } from '@tutti/clock'
import { type AudioChunk, type PlayerStream, roles, type ServerHello, type ServerTime } from '@tutti/protocol'
import { type Deadline, earliest, isDue } from './deadline.js'
import type { ChunkDecoder } from './decode-pump.js'
import type { PlayerConfig } from './player-config.js'
import type { HeardMessage, PlayerParts } from './player-ports.js'
import type { Suitor } from './session-admission.js'
import { SessionClock } from './session-clock.js'
import { SessionControl } from './session-control.js'
import type { SessionLife } from './session-life.js'
import type { Link } from './session-links.js'
import { SessionMemory } from './session-memory.js'
import type { SessionOutbox } from './session-outbox.js'
import { type Moment, SessionPlayback } from './session-playback.js'
import { SessionServer } from './session-server.js'
import { type PlayerSettings, type SoundSettings, soundOf } from './session-settings.js'
import { describePlayer, type PlayerStatus } from './session-status.js'
import { SessionUplink } from './session-uplink.js'
import type { Telemetry } from './telemetry.js'

export class Session<Payload, Block extends { readonly length: number }> {
  readonly #name: string
  readonly #synchronise: PlayerParts<Payload, Block>['synchronise']
  readonly #life: SessionLife
  readonly #outbox: SessionOutbox
  readonly #memory: SessionMemory
  readonly #playback: SessionPlayback<Payload, Block>
  readonly #uplink: SessionUplink
  readonly #control = new SessionControl()
  /** The last that was met. */
  #server: SessionServer | undefined
  #connections = 0

  constructor(config: PlayerConfig, parts: PlayerParts<Payload, Block>, life: SessionLife, outbox: SessionOutbox) {
    this.#name = config.name
    this.#synchronise = parts.synchronise
    this.#life = life
    this.#outbox = outbox
    this.#memory = new SessionMemory(parts.settings, outbox)
    this.#playback = new SessionPlayback(config, parts)
    this.#uplink = new SessionUplink(config, parts.output, outbox)
  }

  get settings(): PlayerSettings {
    return this.#memory.settings
  }

  /** Who holds the player, and how firmly; undefined while nobody does. */
  get holder(): Suitor | undefined {
    if (!this.#uplink.isUp || this.#server === undefined) return undefined
    return { serverId: this.#server.id, reason: this.#playback.audio.active ? 'playback' : this.#server.reason }
  }

  get wakeAt(): Deadline {
    return earliest(this.#playback.wakeAt, this.#memory.pathDueAt, this.#uplink.wakeAt)
  }

  status(at: LocalUs): PlayerStatus {
    return describePlayer({
      name: this.#name,
      state: this.#life.state,
      server: this.#server,
      settings: this.settings,
      telemetry: this.#playback.telemetry,
      audio: this.#playback.audio,
      connections: this.#connections,
      at,
    })
  }

  // Beginning and end

  begin(link: Link, hello: ServerHello, at: LocalUs): void {
    const server = this.#meet(hello)
    server.clock.connected(at)
    server.greeted(hello)
    this.#uplink.begin(link, server.clock, hello, this.#playback.audio.isWarm, at)
    this.#connections++
    this.#memory.postponePath(at)
    this.#outbox.tell({ type: 'server', id: server.id, name: server.name })
    this.#life.move('welcomed')
    if (!hello.active_roles.includes(roles.player)) {
      this.#outbox.complain(`${server.name} does not let this player play; check its settings there`)
    }
    if (server.reason === 'playback') this.#memory.rememberServer(server.id)
  }

  /** The connection is gone, or never came. What has arrived plays on; everything that needs a server stops. */
  lose(): void {
    this.#end()
    this.#playback.audio.disconnected()
    this.#life.move('lost')
  }

  /** The player stops, for good. */
  close(): void {
    this.#end()
    this.#playback.close()
    this.#publish(undefined)
    this.#life.move('stopped')
  }

  #end(): void {
    this.#uplink.end()
    this.#memory.end()
    this.#rememberPath()
  }

  /** The server as it was left, or as a new one where another one was, whose audio is not this one's. */
  #meet({ server_id: id }: ServerHello): SessionServer {
    if (this.#server?.id === id) return this.#server
    this.#playback.audio.clear()
    this.#server = new SessionServer(
      id,
      new SessionClock(this.#synchronise(this.settings.drifts[id]), this.#playback.telemetry?.slew),
    )
    return this.#server
  }

  // What happens

  /** Takes what the server says over the session's connection, once it has said hello. */
  told(message: HeardMessage, at: LocalUs): void {
    const server = this.#server
    if (server === undefined || !this.#uplink.isUp) return
    switch (message.type) {
      case 'server/time':
        this.#replied(server, message.payload, at)
        break
      case 'server/state':
        if (message.payload.metadata === undefined) break
        server.described(message.payload.metadata)
        this.#outbox.tell({ type: 'metadata', metadata: server.metadata })
        break
      case 'server/command':
        if (message.payload.player) this.#memory.set(soundOf(message.payload.player))
        break
      case 'server/_tutti_channel':
        this.#memory.set({ channelMode: message.payload.channel })
        break
      case 'group/update':
        server.regrouped(message.payload)
        if (message.payload.playback_state === 'playing') this.#memory.rememberServer(server.id)
        break
      case 'stream/start':
        if (message.payload.player) this.#started(server, message.payload.player)
        break
      case 'stream/clear':
        if (!concernsPlayer(message.payload.roles) || !this.#playback.audio.active) break
        this.#playback.jump(at)
        this.#life.moveIfAllowed('cleared')
        break
      case 'stream/end':
        if (!concernsPlayer(message.payload.roles) || !this.#playback.audio.active) break
        this.#playback.audio.end()
        this.#life.move('ended')
        break
    }
  }

  #replied(server: SessionServer, reply: ServerTime, at: LocalUs): void {
    if (server.clock.replyReceived(reply, at) !== 'clockReplaced') return
    this.#outbox.complain(`${server.name} has restarted its clock; starting in step again`)
    this.#playback.clear(at)
    this.#life.moveIfAllowed('cleared')
  }

  #started(server: SessionServer, player: PlayerStream): void {
    const wasActive = this.#playback.audio.active
    const change = this.#playback.start(player)
    if (change?.format) {
      const { stream, format, codecHeader } = change
      this.#outbox.put({ type: 'openDecoder', stream, format, codecHeader })
      this.#outbox.tell({ type: 'format', format })
    } else if (change) {
      this.#outbox.complain(`${server.name} sends ${player.codec}, which this player cannot decode`)
    }
    if (!wasActive) this.#life.move('started')
    this.#memory.rememberServer(server.id)
  }

  audioArrived(chunk: AudioChunk<Payload>, at: LocalUs): void {
    if (this.#playback.arrived(chunk, this.#moment(at))) this.#life.moveIfAllowed('cleared')
  }

  /** @param decoder or why there is none */
  decoderArrived(stream: number, decoder: ChunkDecoder<Payload, Block> | string, at: LocalUs): void {
    if (typeof decoder === 'string') this.#outbox.complain(`no decoder: ${decoder}; this stream stays silent`)
    this.#playback.equip(stream, typeof decoder === 'string' ? null : decoder, this.#moment(at))
  }

  telemetryArrived(telemetry: Telemetry, at: LocalUs): void {
    this.#server?.clock.slewed(telemetry.slew, at)
    const event = this.#playback.reported(telemetry, this.#moment(at))
    if (event !== undefined) this.#life.moveIfAllowed(event)
  }

  probeSent(at: LocalUs): void {
    this.#server?.clock.probeSent(at)
  }

  /** Asks the server for the time out of turn: what it says does not matter. */
  askForLife(at: LocalUs): void {
    this.#uplink.askForLife(at)
  }

  woke(at: LocalUs): void {
    this.#server?.clock.woke(at)
  }

  set(wanted: Partial<SoundSettings>): void {
    this.#memory.set(wanted)
  }

  // What follows

  wake(at: LocalUs): void {
    this.#playback.wake(this.#moment(at))
    if (isDue(this.#memory.pathDueAt, at)) {
      this.#memory.postponePath(at)
      this.#rememberPath()
    }
  }

  /** Brings lock, probes, reports and the audio thread up to date with whatever has happened. */
  settle(at: LocalUs): void {
    if (this.#server !== undefined && this.#uplink.isUp) this.#keepUp(this.#server, at)
    this.#publish(this.#server?.clock)
  }

  #keepUp({ id, clock }: SessionServer, at: LocalUs): void {
    if (clock.knowsPath && clock.roundTrips) {
      this.#playback.learn(clock.roundTrips, this.settings.tails[id])
      this.#uplink.hurry()
    }
    this.#life.moveIfAllowed(clock.locked ? 'locked' : 'unlocked')
    this.#uplink.ask(at)
    const { condition } = this.#life
    if (condition) this.#uplink.report(condition, this.settings, this.#playback.minBufferMs, at)
    this.#uplink.tellStatus(() => this.status(at), at)
  }

  #publish(clock: SessionClock | undefined): void {
    const { anchor, queueMs } = this.#playback
    const control = this.#control.update(clock, anchor, this.settings, queueMs)
    if (control) this.#outbox.put({ type: 'control', control })
  }

  #rememberPath(): void {
    if (this.#server === undefined) return
    this.#memory.rememberPath(this.#server.id, this.#server.clock.drift, this.#playback.rememberedTail)
  }

  #moment(at: LocalUs): Moment {
    const outputDelayUs = this.settings.outputDelayMs * 1000
    const clock = this.#server?.clock
    return { at, serverAt: clock?.serverAt(at), outputDelayUs, awaitsReply: clock?.awaitsReply ?? false }
  }
}

/** A list of role families that is not there means all. */
function concernsPlayer(families: readonly string[] | undefined): boolean {
  return families?.includes('player') ?? true
}
