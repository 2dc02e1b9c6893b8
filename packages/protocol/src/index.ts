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
export { type AudioFormat, type CodecName, formatKey } from './audio-format.js'
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
export {
  type ControllerCommand,
  type ControllerState,
  plainControllerCommands,
  type RepeatMode,
  repeatModes,
} from './controller-role.js'
export { drive, type Machine } from './machine.js'
export type { Metadata, Progress } from './metadata-role.js'
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
