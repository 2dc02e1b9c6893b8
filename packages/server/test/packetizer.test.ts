import { createPcmEncoder, type Encoder } from '@tutti/codec'
import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import { Packetizer } from '../src/packetizer.js'

const pcm = { codec: 'pcm', sampleRate: 48_000, channels: 2, bitDepth: 16 } as const

function ramp(from: number, length: number): AudioBuffer {
  const block = new AudioBuffer({ length, sampleRate: 48_000, numberOfChannels: 2 })
  for (let i = 0; i < length; i++) {
    block.getChannelData(0)[i] = (from + i) / 32_768
    block.getChannelData(1)[i] = -(from + i) / 32_768
  }
  return block
}

function never(error: Error): void {
  throw error
}

describe('Packetizer', () => {
  it('loses and invents no frame, whatever the length of blocks', () => {
    const encoder = createPcmEncoder(pcm)
    const packetizer = new Packetizer(encoder, 48_000, never)
    const packets = []
    let fed = 0
    for (const length of [1, 17, 5000, 960, 3, 2400]) {
      packets.push(...packetizer.encode(ramp(fed, length)))
      fed += length
    }
    expect(packets.reduce((sum, { frames }) => sum + frames, 0)).to.equal(fed)
    const bytes = Buffer.concat(packets.map(({ payload }) => payload))
    for (let frame = 97; frame < fed; frame += 97) {
      expect([bytes.readInt16LE(frame * 4), bytes.readInt16LE(frame * 4 + 2)]).to.deep.equal([frame, -frame])
    }
    for (const { payload, bytes: size } of packets) expect(size).to.equal(payload.length)
  })

  it('lets no frame of PCM wait for the next block, in packets of 10 ms at most', () => {
    const packetizer = new Packetizer(createPcmEncoder(pcm), 48_000, never)
    expect(packetizer.holdFrames).to.equal(0)
    for (const [length, frames] of [
      [479, [479]],
      [481, [241, 240]],
      [2400, [480, 480, 480, 480, 480]],
    ] as const)
      expect(packetizer.encode(ramp(0, length)).map((packet) => packet.frames)).to.deep.equal(frames)
    const converting = new Packetizer(createPcmEncoder({ ...pcm, sampleRate: 44_100 }), 48_000, never)
    expect(converting.holdFrames).to.equal(441)
  })

  it('serves another rate and channel count than the programme’s', () => {
    const mono = createPcmEncoder({ ...pcm, sampleRate: 44_100, channels: 1 })
    const packetizer = new Packetizer(mono, 48_000, never)
    const packets = packetizer.encode(ramp(0, 48_000))
    const frames = packets.reduce((sum, packet) => sum + packet.frames, 0)
    expect(frames).to.be.within(44_100 - 2 * mono.packetFrames, 44_100)
    expect(Math.max(...packets.map(({ payload }) => Buffer.from(payload).readInt16LE(0)))).to.be.within(-1, 1)
  })

  it('starts with an empty packet after a reset', () => {
    const packetizer = new Packetizer(createPcmEncoder(pcm), 48_000, never)
    packetizer.encode(ramp(1000, 100))
    packetizer.reset()
    const [first] = packetizer.encode(ramp(0, 2400))
    expect(Buffer.from(first!.payload).readInt16LE(0)).to.equal(0)
  })

  it('says once that its encoder broke, and gives nothing from then on', () => {
    const problems: string[] = []
    const broken: Encoder = {
      ...createPcmEncoder(pcm),
      encode: () => {
        throw new Error('out of memory')
      },
    }
    const packetizer = new Packetizer(broken, 48_000, ({ message }) => problems.push(message))
    expect(packetizer.encode(ramp(0, 9600))).to.deep.equal([])
    expect(packetizer.encode(ramp(0, 9600))).to.deep.equal([])
    expect(problems).to.deep.equal(['out of memory'])
  })
})
