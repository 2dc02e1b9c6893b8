export { type AudioThread, type AudioThreadSetup, type Hearing, startAudioThread } from './audio-thread.js'
export { type ClockSkew, hrtimeUs, LocalClock, noSkew } from './local-clock.js'
export { OutputError, type OutputFormat, type OutputSpec, openOutput } from './outputs/open-output.js'
