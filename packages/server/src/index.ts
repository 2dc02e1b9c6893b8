export type { AudioSource, OpenSource, TrackTags } from './audio-source.js'
export type { Block, BlockFactory } from './block.js'
export type { BlockEncoder, EncodedPacket } from './block-encoder.js'
export { type Command, commandSchema } from './command.js'
export { type CoordinatorConfig, defaultPacing } from './config.js'
export { Coordinator } from './coordinator.js'
export type { ServerEvent } from './event.js'
export type { Input } from './input.js'
export { isPrivileged, type Location, parseLocation } from './location.js'
export type { CommandResult, Output, SaidMessage } from './output.js'
export { emptyState, formatState, parseState, type ServerState } from './server-state.js'
export type { ClientStatus, EntryStatus, GroupStatus, ServerStatus } from './status.js'
export {
  type Reading,
  type RoomHistory,
  TelemetryHistory,
  type TelemetrySpan,
  telemetrySpans,
} from './telemetry-history.js'
export type { QueueEntry, Track } from './track.js'
