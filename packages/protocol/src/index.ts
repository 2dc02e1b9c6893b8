export {
  type ArtworkChannel,
  type ArtworkFormatRequest,
  type ArtworkSource,
  type ArtworkStream,
  type ArtworkSupport,
  artworkSources,
  type ImageFormat,
  imageFormats,
} from './artwork-role.js'
export type { AudioChunk } from './audio-chunk.js'
export { type AudioFormat, type CodecName, codecNames, formatKey } from './audio-format.js'
export type { ArtworkImage } from './binary-frame.js'
export { type ChannelMessage, type ChannelMode, channelModes, channelRole, channelSchemas } from './channel-role.js'
export {
  type ClientCommand,
  type ClientGoodbye,
  type ClientHello,
  type ClientMessage,
  type ClientState,
  type ClientTime,
  type DeviceInfo,
  type GoodbyeReason,
  goodbyeReasons,
  reportedCondition,
  reportedOutputDelayMs,
  type StreamRequestFormat,
} from './client-message.js'
export { clientSchemas } from './client-schema.js'
export { type Connection, type ConnectionListener, type ConnectionRules, guardConnection } from './connection.js'
export {
  type ControllerCommand,
  type ControllerState,
  plainControllerCommands,
  type RepeatMode,
  repeatModes,
} from './controller-role.js'
export { finiteNumber, numberBetween, wholeBetween } from './field-schema.js'
export { Gatekeeper, type Limits, limitsForClients, limitsForServers, type Refusal } from './gatekeeper.js'
export { drive, type Machine } from './machine.js'
export type { Message, MessageSchemas } from './message.js'
export type { Metadata, Progress } from './metadata-role.js'
export { describeMismatch } from './mismatch.js'
export { type PairedOptions, pairTransports } from './paired-transport.js'
export {
  type PlayerCommand,
  type PlayerCondition,
  type PlayerFormatRequest,
  type PlayerState,
  type PlayerStream,
  type PlayerSupport,
  playerConditions,
  toAudioFormat,
  toWireFormat,
  type WireFormat,
} from './player-role.js'
export { negotiateRoles, type Role, roleFamily, roles } from './role.js'
export {
  type ConnectionReason,
  connectionReasons,
  type GroupUpdate,
  type PlaybackState,
  playbackStates,
  type ServerCommand,
  type ServerHello,
  type ServerMessage,
  type ServerState,
  type ServerTime,
  type StreamClear,
  type StreamEnd,
  type StreamStart,
} from './server-message.js'
export { serverSchemas } from './server-schema.js'
export {
  type ReportState,
  reportStates,
  type TelemetryMessage,
  type TelemetryReport,
  telemetryRole,
  telemetrySchemas,
} from './telemetry-role.js'
export type { Rate } from './token-bucket.js'
export type { Attach, Ending, Transport, TransportListener } from './transport.js'
export {
  type ClosingCode,
  type Conduct,
  conductFor,
  conducts,
  ProtocolError,
  type Violation,
  type ViolationCode,
} from './violation.js'
export { CleartextCodec, type Dialect, type Frame, type WireCodec, type WireItem } from './wire-codec.js'
