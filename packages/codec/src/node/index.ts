export { createEncoder, type EncoderOptions } from './create-encoder.js'
export { createFlacEncoder } from './flac-encoder.js'
export { createNodeOpusDecoder, createNodeOpusEncoder } from './node-opus-codec.js'
