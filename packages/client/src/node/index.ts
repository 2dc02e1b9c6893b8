export type { Hearing } from './audio-thread.js'
export { type ClockSkew, hrtimeUs, LocalClock, noSkew } from './local-clock.js'
export { AlsaOutput } from './outputs/alsa/alsa-output.js'
export {
  checkSoundCard,
  listSoundCards,
  type SoundCard,
  type SoundCardAbilities,
  soundCardBuffer,
} from './outputs/alsa/sound-cards.js'
export { OutputError, type OutputFormat, type OutputSpec, openOutput } from './outputs/open-output.js'
export type { ConnectionSpec } from './player-connector.js'
export { joinRoom, type Room, type RoomConfig, roomDefaults } from './player-room.js'
export { settingsPath } from './settings.js'
