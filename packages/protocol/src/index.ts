export { type AudioFormat, type CodecName, formatKey } from './audio-format.js'
export { drive, type Machine } from './machine.js'
