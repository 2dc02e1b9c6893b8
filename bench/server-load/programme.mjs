/** Two minutes and a half of stereo that no encoder can save effort on: tones that move, over noise. */
import { open } from 'node:fs/promises'

const sampleRate = 48_000
const seconds = 150
const headerBytes = 44

export async function writeProgramme(path) {
  const file = await open(path, 'w')
  await file.write(header(seconds * sampleRate * 4))
  const block = Buffer.alloc(sampleRate * 4)
  let state = 1
  for (let second = 0; second < seconds; second++) {
    for (let i = 0; i < sampleRate; i++) {
      const t = second + i / sampleRate
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
      const sweep = 6000 * Math.sin(2 * Math.PI * (220 * t + 90 * Math.sin(t)))
      const noise = state >> 21
      block.writeInt16LE(Math.round(sweep + noise), 4 * i)
      block.writeInt16LE(Math.round(4000 * Math.sin(2 * Math.PI * 330.5 * t) - noise), 4 * i + 2)
    }
    await file.write(block)
  }
  await file.close()
  return path
}

/** RIFF/WAVE, PCM, two channels of 16 bits. */
function header(bytes) {
  const head = Buffer.alloc(headerBytes)
  head.write('RIFF')
  head.writeUInt32LE(36 + bytes, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(2, 22)
  head.writeUInt32LE(sampleRate, 24)
  head.writeUInt32LE(sampleRate * 4, 28)
  head.writeUInt16LE(4, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(bytes, 40)
  return head
}
