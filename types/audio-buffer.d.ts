/** Types for the `audio-buffer` package, which ships none: the Web Audio API's AudioBuffer, in plain JavaScript. */
declare module 'audio-buffer' {
  export interface AudioBufferOptions {
    readonly length: number
    readonly sampleRate: number
    readonly numberOfChannels?: number
  }

  export default class AudioBuffer {
    constructor(options: AudioBufferOptions)
    readonly sampleRate: number
    /** Frames. */
    readonly length: number
    /** Seconds. */
    readonly duration: number
    readonly numberOfChannels: number
    getChannelData(channel: number): Float32Array<ArrayBuffer>
    copyFromChannel(destination: Float32Array, channelNumber: number, startInChannel?: number): void
    copyToChannel(source: Float32Array<ArrayBuffer>, channelNumber: number, startInChannel?: number): void
  }
}
