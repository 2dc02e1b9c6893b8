// Encodes and decodes 20 000 packets a codec (6 min 40 s of stereo), here and in a worker thread, and prints what they
// cost and whether memory stays. Run with: node packages/codec/bench/codecs.mjs [packets]
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { createDecoder } from '@tutti/codec'
import { createEncoder } from '@tutti/codec/node'
import AudioBuffer from 'audio-buffer'

const codecs = ['opus', 'flac', 'pcm']

function noiseAndTone(frames, packet) {
  const block = new AudioBuffer({ length: frames, numberOfChannels: 2, sampleRate: 48000 })
  for (let channel = 0; channel < 2; channel++) {
    const samples = block.getChannelData(channel)
    let state = packet * 7919 + channel + 1
    for (let i = 0; i < frames; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      const t = packet * frames + i
      samples[i] =
        Math.round(8000 * Math.sin(t * 0.03 * (1 + channel)) + 3000 * Math.sin(t * 0.171) + state / 2 ** 23) / 32768
    }
  }
  return block
}

async function measure(codec, packets) {
  const format = { codec, sampleRate: 48000, channels: 2, bitDepth: 16 }
  const encoder = await createEncoder(format)
  const decoder = await createDecoder(format, encoder.codecHeader)
  const blocks = Array.from({ length: 50 }, (_, packet) => noiseAndTone(encoder.packetFrames, packet))
  let bytes = 0
  let encodeNs = 0n
  let decodeNs = 0n
  let rssAfterWarmUp = 0
  for (let i = 0; i < packets; i++) {
    const start = process.hrtime.bigint()
    const made = encoder.encode(blocks[i % blocks.length])
    const encoded = process.hrtime.bigint()
    for (const packet of made) {
      bytes += packet.bytes.length
      if (decoder.decode(packet.bytes) === undefined) throw new Error('a packet did not decode')
    }
    encodeNs += encoded - start
    decodeNs += process.hrtime.bigint() - encoded
    if (i % 1000 === 999) {
      encoder.reset()
      decoder.reset()
      await new Promise(setImmediate)
    }
    if (i === Math.floor(packets / 5)) rssAfterWarmUp = process.memoryUsage().rss
  }
  encoder.close()
  decoder.close()
  return {
    codec,
    where: isMainThread ? 'main' : 'worker',
    packetMs: (encoder.packetFrames / 48).toFixed(1),
    encodeUs: Number(encodeNs / BigInt(packets)) / 1000,
    decodeUs: Number(decodeNs / BigInt(packets)) / 1000,
    kbitS: Math.round((bytes * 8) / ((packets * encoder.packetFrames) / 48)),
    rssGrowthMb: ((process.memoryUsage().rss - rssAfterWarmUp) / 1e6).toFixed(1),
  }
}

if (isMainThread) {
  const packets = Number(process.argv[2] ?? 20_000)
  const rows = []
  for (const codec of codecs) {
    rows.push(await measure(codec, packets))
    const worker = new Worker(new URL(import.meta.url), { workerData: { codec, packets } })
    rows.push(await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject)))
  }
  console.table(rows)
} else {
  parentPort.postMessage(await measure(workerData.codec, workerData.packets))
}
