import type { ServerUs } from '@tutti/clock'
import { createDecoder } from '@tutti/codec'
import { createEncoder } from '@tutti/codec/node'
import type { AudioFormat } from '@tutti/protocol'
import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import { audioBlocks } from '../src/audio-blocks.js'
import { Encoding } from '../src/encoding.js'
import { Packetizer } from '../src/packetizer.js'
import { Programme } from '../src/programme.js'

const sampleRate = 48_000
const at = (ms: number): ServerUs => (1e9 + ms * 1000) as ServerUs

/** A chord that fades in and out slowly, so that it is never the same twice. */
function music(from: number, length: number): AudioBuffer {
  const block = new AudioBuffer({ length, sampleRate, numberOfChannels: 2 })
  for (const channel of [0, 1]) {
    const samples = block.getChannelData(channel)
    for (let i = 0; i < length; i++) {
      const t = (from + i) / sampleRate
      const level = 0.2 * (1 + 0.5 * Math.sin(2 * Math.PI * 1.3 * t))
      samples[i] = level * (Math.sin(2 * Math.PI * 220 * t) + Math.sin(2 * Math.PI * 1750 * t + channel))
    }
  }
  return block
}

describe('Encoding', () => {
  for (const codec of ['opus', 'flac', 'pcm'] as const) {
    it(`that takes over from another in ${codec} is heard to go on, without a click`, async () => {
      const format: AudioFormat = { codec, sampleRate, channels: 2, bitDepth: 16 }
      const programme = new Programme<AudioBuffer>(sampleRate, audioBlocks(sampleRate, 2))
      for (let frame = 0; frame < 4 * sampleRate; frame += 2400) programme.append(music(frame, 2400))
      programme.start(at(0))
      const make = async (id: number): Promise<Encoding<AudioBuffer, Uint8Array>> => {
        const encoding = new Encoding<AudioBuffer, Uint8Array>(id, format, programme)
        encoding.equip(
          new Packetizer(await createEncoder(format), sampleRate, (error) => {
            throw error
          }),
        )
        return encoding
      }
      const [first, second] = [await make(1), await make(2)]
      first.startWithProgramme()
      first.encodeUntil(at(4000), Infinity)
      const chunksOf = ({ log }: typeof first) =>
        Array.from({ length: log.end - log.first }, (_, i) => log.get(log.first + i)!)
      const whole = chunksOf(first)
      const seamAt = whole.find(({ timestamp }) => timestamp >= at(2000))!.timestamp
      second.takeOverAt(seamAt)
      second.encodeUntil(at(4000), Infinity)
      const rest = chunksOf(second).filter(({ timestamp }) => timestamp >= seamAt)
      expect(rest.map(({ timestamp }) => timestamp)).to.deep.equal(
        whole.filter(({ timestamp }) => timestamp >= seamAt).map(({ timestamp }) => timestamp),
      )
      const decode = async (chunks: typeof whole): Promise<Float32Array> => {
        const decoder = await createDecoder(format, first.encoder!.codecHeader)
        const parts = chunks.map(({ payload }) => decoder.decode(payload)!.getChannelData(0).slice())
        const samples = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
        let offset = 0
        for (const part of parts) {
          samples.set(part, offset)
          offset += part.length
        }
        return samples
      }
      const [heard, wanted] = [
        await decode([...whole.filter(({ timestamp }) => timestamp < seamAt), ...rest]),
        await decode(whole),
      ]
      const lag = first.encoder!.lookaheadFrames
      const seam = Math.round(((seamAt - at(0)) * sampleRate) / 1e6) + lag
      // No more error around the seam than the codec makes anywhere.
      const errorDb = (samples: Float32Array, from: number, to: number): number => {
        let [error, signal] = [0, 0]
        const original = music(0, to).getChannelData(0)
        for (let frame = from; frame < to; frame++) {
          error += (samples[frame + lag]! - original[frame]!) ** 2
          signal += original[frame]! ** 2
        }
        return 10 * Math.log10(error / signal)
      }
      const [around, usual] = [errorDb(heard, seam - 960, seam + 1920), errorDb(wanted, seam - 960, seam + 1920)]
      expect(around, `${around} dB against ${usual} dB`).to.be.below(usual + 3)
      expect(usual).to.be.below(-20)
    })
  }
})
