export {
  CommandProblem,
  type ControlApi,
  type ControlOptions,
  type Controls,
  defaultControlPort,
  serveControlApi,
} from './control-api.js'
export { type RunningServer, type ServeOptions, serve } from './serve.js'
export { findFfmpeg } from './source/ffmpeg.js'
export { createOpenSource, type SourceOptions } from './source/open-source.js'
export { defaultStateFolder, StateStore } from './state-store.js'
export { type FeederOptions, TrackFeeder } from './track-feeder.js'
