/** An AudioSource over anything that yields PCM: cut to short blocks, of one rate and channel count, ended once. */
import AudioBuffer from 'audio-buffer'
import type { AudioSource, TrackTags } from '../../audio-source.js'
import { fileProblem, SourceProblem } from './source-problem.js'
import type { Pcm } from './stream-decoder.js'

export interface PcmTrack {
  readonly location: string
  readonly tags: TrackTags
  /** Of the whole track; undefined when unknown. */
  readonly durationMs: number | undefined
  /** Where the PCM begins. */
  readonly fromMs: number
  /** What the container says; undefined when it does not, and the first PCM decides. */
  readonly channels: number | undefined
  /** How long the whole track lasts by a header that counts it; undefined where none does. Ending earlier is damage. */
  readonly promisedMs: number | undefined
}

/** Begins to decode; stops, yielding nothing more, when `signal` aborts. */
export type StartDecoding = (signal: AbortSignal) => AsyncGenerator<Pcm>

const blocksPerSecond = 5
const maxChannels = 2
/** How much earlier than promised an end may come: encoder padding, which some headers count and decoders trim. */
const endToleranceMs = 200

/** Resolves once the first PCM is there; rejects with a SourceProblem when there will be none. */
export async function createPcmSource(start: StartDecoding, facts: PcmTrack): Promise<AudioSource> {
  const { location, tags, durationMs, fromMs, promisedMs } = facts
  const abort = new AbortController()
  const decoding = start(abort.signal)
  const first = await next()
  const problem = firstProblem(first, fromMs)
  if (problem !== undefined) {
    await decoding.return(undefined)
    throw new SourceProblem(location, problem)
  }
  const sampleRate = first?.sampleRate ?? 48_000
  const channels = facts.channels === 2 ? 2 : (first?.channels.length ?? 2)
  const maxFrames = Math.ceil(sampleRate / blocksPerSecond)
  let pcm: Pcm | undefined = first
  let pcmAt = 0
  let frames = 0
  let isEnded = false

  async function next(): Promise<Pcm | undefined> {
    try {
      const result = await decoding.next()
      return result.done || abort.signal.aborted ? undefined : result.value
    } catch (error) {
      if (abort.signal.aborted) return undefined
      throw fileProblem(location, error)
    }
  }

  function checkEnd(): void {
    if (promisedMs === undefined) return
    const missingMs = promisedMs - fromMs - (frames * 1000) / sampleRate
    if (missingMs <= endToleranceMs) return
    const missing = `ends ${(missingMs / 1000).toFixed(1)} s before its header says`
    throw new SourceProblem(location, `${missing}; it may have been cut short, copy it again.`)
  }

  function takeBlock(from: Pcm): AudioBuffer {
    if (from.sampleRate !== sampleRate) {
      const change = `${sampleRate} Hz to ${from.sampleRate} Hz`
      throw new SourceProblem(location, `changes from ${change} on the way; install ffmpeg, which can follow.`)
    }
    const length = Math.min(maxFrames, from.channels[0]!.length - pcmAt)
    const block = new AudioBuffer({ length, numberOfChannels: channels, sampleRate })
    for (let channel = 0; channel < channels; channel++) fill(block.getChannelData(channel), from, channel)
    pcmAt += length
    frames += length
    return block
  }

  /** One becomes two by doubling, two become one by averaging. */
  function fill(samples: Float32Array, from: Pcm, channel: number): void {
    const end = pcmAt + samples.length
    samples.set((from.channels[channel] ?? from.channels[0]!).subarray(pcmAt, end))
    if (from.channels.length <= channels) return
    const other = from.channels[1]!
    for (let i = 0; i < samples.length; i++) samples[i] = (samples[i]! + other[pcmAt + i]!) / 2
  }

  return {
    sampleRate,
    channels,
    durationMs,
    tags,
    async read() {
      if (isEnded) return undefined
      if (pcm === undefined || pcmAt === pcm.channels[0]!.length) {
        pcm = await next()
        pcmAt = 0
      }
      if (abort.signal.aborted) return undefined
      if (pcm !== undefined) return takeBlock(pcm)
      isEnded = true
      checkEnd()
      return undefined
    },
    async close() {
      isEnded = true
      abort.abort()
      await decoding.return(undefined).catch(() => undefined) // it has nothing more to say
    },
  }
}

/** Why what came first cannot be played; undefined when it can. Nothing, after a seek, is a seek past the end. */
function firstProblem(first: Pcm | undefined, fromMs: number): string | undefined {
  if (first === undefined) return fromMs > 0 ? undefined : 'holds no audio; check that it plays elsewhere.'
  const count = first.channels.length
  return count > maxChannels ? `has ${count} channels; install ffmpeg, which mixes them to stereo.` : undefined
}
