/**
 * How pure a tone is when it leaves the speaker, beside what the decoder gives: following a card's crystal may cost nothing
 * that is heard, with any codec. One channel carries the tone and the other noise, for which Opus wants bits, too.
 */
import type { LocalUs, ServerUs } from '@tutti/clock'
import { createDecoder } from '@tutti/codec'
import { createEncoder } from '@tutti/codec/node'
import type { AudioFormat } from '@tutti/protocol'
import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import { MediaRing } from '../src/media-ring.js'
import { SeededRandom } from '../src/node/outputs/seeded-random.js'
import { Renderer } from '../src/renderer.js'
import { Speaker } from '../src/speaker.js'
import { VirtualCard } from '../src/virtual-card.js'

const sampleRate = 48_000
const seconds = 20
const hertz = 997
/** −9 and −18 dBFS. */
const toneLevel = 10 ** (-9 / 20)
const noiseLevel = 10 ** (-18 / 20)
/** Judged like this in the lab, from when the start is over. */
const windowFrames = sampleRate / 2
const settledFrames = 15 * sampleRate
/** Nobody hears it; adding the noise of 16 bits once more would cost 3. */
const mostLostDb = 0.3
const periodFrames = 480
const bufferFrames = 2_880

const tone = (frame: number): number => toneLevel * Math.sin((2 * Math.PI * hertz * frame) / sampleRate)

/** On the left noise, on the right a tone with the dither of 16 bits. */
function programme(): AudioBuffer {
  const random = new SeededRandom(3)
  const block = new AudioBuffer({ length: seconds * sampleRate, sampleRate, numberOfChannels: 2 })
  const [left, right] = [block.getChannelData(0), block.getChannelData(1)]
  const lsb = 2 ** -15
  for (let i = 0, smooth = 0; i < block.length; i++) {
    smooth += 0.4 * (random.uniform() - 0.5 - smooth)
    left[i] = noiseLevel * Math.sqrt(48) * smooth // its deviation is 1/√48
    right[i] = Math.round(tone(i) / lsb + random.uniform() - random.uniform()) * lsb
  }
  return block
}

async function throughCodec(block: AudioBuffer, format: AudioFormat): Promise<AudioBuffer> {
  const encoder = await createEncoder(format)
  const decoder = await createDecoder(format, encoder.codecHeader)
  const decoded = new AudioBuffer({ length: block.length, sampleRate, numberOfChannels: 2 })
  let end = 0
  for (let from = 0; from + encoder.packetFrames <= block.length; from += encoder.packetFrames) {
    const part = new AudioBuffer({ length: encoder.packetFrames, sampleRate, numberOfChannels: 2 })
    for (const channel of [0, 1])
      part.getChannelData(channel).set(block.getChannelData(channel).subarray(from, from + part.length))
    for (const { bytes } of encoder.encode(part)) {
      const packet = decoder.decode(bytes)!
      for (const channel of [0, 1]) decoded.getChannelData(channel).set(packet.getChannelData(channel), end)
      end += packet.length
    }
  }
  encoder.close()
  decoder.close()
  return decoded
}

/** The right channel as it leaves a card so many ppm fast whose reports are off by 30 µs. */
function heardOn(block: AudioBuffer, ppm: number): Float32Array {
  const media = MediaRing.allocate(block.length)
  media.append(block)
  const card = new VirtualCard({ sampleRate, ppm, bufferFrames, delayNoiseUs: 30 }, new SeededRandom(7))
  const control = {
    clock: { localAt: 0 as LocalUs, serverAt: 0 as ServerUs, driftPpm: 0, errorBoundUs: 0, errorGrowthPpm: 0 },
    anchor: { epoch: 1, frame: 0, serverAt: 200_000 as ServerUs, sampleRate },
    gain: 1,
    outputDelayUs: 0,
    channelMode: 'stereo',
  } as const
  const speaker = new Speaker({
    sampleRate,
    media,
    renderer: new Renderer(media, { sampleRate, channels: 2, maxPeriodFrames: periodFrames }),
    readControl: () => control,
    writeTelemetry: () => {},
  })
  const heard = new Float32Array(seconds * sampleRate)
  const left = new Float32Array(periodFrames)
  let now = 0
  card.write(bufferFrames, now)
  for (let from = 0; from < heard.length; from += periodFrames) {
    now = card.freeAtUs(periodFrames, now)! + 1
    const heardAt = (now + (card.reportDelayFrames(now) * 1e6) / sampleRate) as LocalUs
    const right = heard.subarray(from, from + periodFrames)
    speaker.render({ frames: periodFrames, heardAt, queuedFrames: 0, restarted: from === 0 }, [left, right])
    card.write(periodFrames, now)
  }
  return heard
}

/** Of the tone, in dB: the median of half seconds, in each of which amplitude, phase and frequency are fitted. */
function sinadDb(samples: Float32Array): number {
  const windows: number[] = []
  for (let from = settledFrames; from + windowFrames <= samples.length - sampleRate / 2; from += windowFrames)
    windows.push(windowSinadDb(samples.subarray(from, from + windowFrames)))
  return windows.sort((a, b) => a - b)[windows.length >> 1]!
}

/** Four-parameter sine fit (IEEE Std 1057, section 4.1.4), without the constant. */
function windowSinadDb(window: Float32Array): number {
  let radians = (2 * Math.PI * hertz) / sampleRate
  let [sine, cosine] = [0, 0]
  for (let pass = 0; pass < 6; pass++) {
    const [a, b, turn] = solve(window, radians, sine, cosine)
    sine = a
    cosine = b
    radians += turn
  }
  const middle = window.length / 2
  const noise = window.reduce((sum, sample, i) => {
    const phase = radians * (i - middle)
    return sum + (sample - sine * Math.sin(phase) - cosine * Math.cos(phase)) ** 2
  }, 0)
  return 10 * Math.log10(((sine ** 2 + cosine ** 2) / 2) * (window.length / noise))
}

/** Least squares of one pass: sine, cosine, and by how much the frequency is to change. */
function solve(window: Float32Array, radians: number, sine: number, cosine: number): readonly [number, number, number] {
  const rows = Array.from({ length: 3 }, () => [0, 0, 0, 0])
  const middle = window.length / 2
  for (let i = 0; i < window.length; i++) {
    const t = i - middle
    const [s, c] = [Math.sin(radians * t), Math.cos(radians * t)]
    const terms = [s, c, t * (sine * c - cosine * s)]
    for (const [row, term] of terms.entries()) {
      for (const [column, other] of terms.entries()) rows[row]![column]! += term * other
      rows[row]![3]! += term * window[i]!
    }
  }
  if (rows[2]![2] === 0) rows[2]![2] = 1 // nothing is known of the phase yet
  for (let pivot = 0; pivot < 3; pivot++)
    for (let row = 0; row < 3; row++) {
      if (row === pivot) continue
      const share = rows[row]![pivot]! / rows[pivot]![pivot]!
      for (let column = pivot; column < 4; column++) rows[row]![column]! -= share * rows[pivot]![column]!
    }
  return [rows[0]![3]! / rows[0]![0]!, rows[1]![3]! / rows[1]![1]!, rows[2]![3]! / rows[2]![2]!]
}

describe('A tone', function () {
  this.timeout(30_000)
  const source = programme()

  it('of 16 bits reads 84 dB before anything is done to it', () => {
    expect(sinadDb(source.getChannelData(1))).to.be.within(84, 85)
  })

  for (const codec of ['opus', 'flac', 'pcm'] as const)
    it(`that came as ${codec} leaves cards up to 200 ppm off as pure as the decoder gives it`, async () => {
      const decoded = await throughCodec(source, { codec, sampleRate, channels: 2, bitDepth: 16 })
      const givenDb = sinadDb(decoded.getChannelData(1))
      for (const ppm of [-200, 200])
        expect(sinadDb(heardOn(decoded, ppm)), `${ppm} ppm`).to.be.at.least(givenDb - mostLostDb)
    })
})
