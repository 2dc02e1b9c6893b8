export type { AudioOutput, Period, RenderPeriod } from './audio-output.js'
export type { MediaWindow, MediaWriter } from './media-store.js'
