export type { AudioSource, OpenSource, TrackTags } from './audio-source.js'
