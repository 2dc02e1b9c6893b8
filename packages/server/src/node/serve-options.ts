/** What a server needs to be told before it starts. */
import type { EncoderOptions } from '@tutti/codec/node'
import type { Message, MessageSchemas, Role } from '@tutti/protocol'
import type { OpenSource } from '../audio-source.js'
import type { ServerEvent } from '../event.js'

/** How people and their programs operate the house. */
export interface ControlOptions {
  /** Names of this machine beyond its own, as an address bar would show them. */
  readonly names: readonly string[]
  /** Folder of the built page; undefined for none. */
  readonly page: string | undefined
  /** Whether other machines may, once paired; this one always may. */
  readonly admitsOthers: boolean
  /** Folders whose music may be looked through, and queued from other machines. */
  readonly musicFolders: readonly string[]
  /** Told the code that pairs a browser, at the start and whenever it changes. */
  readonly onPairingCode: (code: string) => void
}

export interface ServeOptions {
  /** For people. */
  readonly name: string
  /** `0.0.0.0` for every IPv4 interface. */
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  readonly path: string
  /** Undefined for none. */
  readonly control: ControlOptions | undefined
  readonly stateFolder: string
  /** Whether to announce this server and to dial the players that announce themselves. */
  readonly discovers: boolean
  /** Players to dial besides: `ws://host:port/path`. */
  readonly players: readonly string[]
  readonly openSource: OpenSource
  readonly encoder: EncoderOptions
  /** Roles of the application's own (`_name@v1`), and what their clients may say (`client/_name…`). */
  readonly appRoles: readonly Role[]
  readonly appMessages: MessageSchemas<Message>
  /** In ms; see CoordinatorConfig. */
  readonly sendAheadMs: number
  /** A voice of Piper's (`….onnx`) that speaks announcements; without one espeak-ng does. */
  readonly voice?: string | undefined
  readonly onEvent: (event: ServerEvent) => void
  /** What went wrong in the world around, one line each, for people. */
  readonly onProblem: (problem: string) => void
}
