export type { Decoder } from './decoder.js'
export type { Encoder, Packet } from './encoder.js'
