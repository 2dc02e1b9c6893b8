export type { AudioOutput, LacksMedia, Period, RenderPeriod } from './audio-output.js'
export { type AudioPlayer, createAudioPlayer } from './audio-player.js'
export { type Anchor, type ChannelMode, channelModes, type PlayoutControl } from './control.js'
export type { ChunkDecoder, TimelineWriter } from './decode-pump.js'
export { slewedUs } from './local-slew.js'
export { MediaRing } from './media-ring.js'
export type { MediaWindow, MediaWriter } from './media-store.js'
export type { Plan, PlanRenderer, Segment } from './plan.js'
export { Player } from './player.js'
export { type ParsedPlayerConfig, type PlayerConfig, parsePlayerConfig, playerDefaults } from './player-config.js'
export { type LinkInput, PlayerLinks } from './player-links.js'
export type {
  HeardMessage,
  PlayerInput,
  PlayerOutput,
  PlayerParts,
  SaidMessage,
} from './player-ports.js'
export { type PlayoutConfig, playoutDefaults } from './playout.js'
export { type RenderedDevice, Renderer } from './renderer.js'
export type { SyncedClock } from './session-clock.js'
export type { Link } from './session-links.js'
export { type PlayerSettings, type SoundSettings, settingsDefaults } from './session-settings.js'
export { type SessionState, sessionStates } from './session-states.js'
export type { PlayerEvent, PlayerStatus } from './session-status.js'
export { Speaker, type SpeakerParts } from './speaker.js'
export type { PlayoutState, Telemetry } from './telemetry.js'
