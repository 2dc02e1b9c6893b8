import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'

/** Encodes and decodes a packet of each codec, then reports the frames and lets the thread end by itself. */
const script = `
  import { parentPort } from 'node:worker_threads'
  import AudioBuffer from '${import.meta.resolve('audio-buffer')}'
  import { createDecoder } from '${new URL('../src/create-decoder.js', import.meta.url)}'
  import { createEncoder } from '${new URL('../src/node/create-encoder.js', import.meta.url)}'
  const frames = {}
  for (const codec of ['opus', 'flac', 'pcm']) {
    const format = { codec, sampleRate: 48000, channels: 2, bitDepth: 16 }
    const encoder = await createEncoder(format)
    const decoder = await createDecoder(format, encoder.codecHeader)
    const block = new AudioBuffer({ length: encoder.packetFrames, numberOfChannels: 2, sampleRate: 48000 })
    frames[codec] = 0
    for (const packet of [...encoder.encode(block), ...encoder.flush()]) frames[codec] += decoder.decode(packet.bytes).length
    encoder.close()
    decoder.close()
  }
  parentPort.postMessage(frames)
`

describe('codecs in a worker thread', () => {
  it('work, and leave the process alive when it ends', async () => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`))
    // Both at once: a worker that ends right after its message may report the two in one go.
    const [[frames], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
    expect(frames).to.deep.equal({ opus: 1920, flac: 1153, pcm: 480 })
    expect(code).to.equal(0)
  })
})
