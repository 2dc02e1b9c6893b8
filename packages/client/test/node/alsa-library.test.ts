/** ALSA's own `null` and `file` devices, wherever libasound is installed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { LocalClock } from '../../src/node/local-clock.js'
import { type AlsaLibrary, loadAlsa } from '../../src/node/outputs/alsa/alsa-library.js'
import { AlsaOutput } from '../../src/node/outputs/alsa/alsa-output.js'
import { openOutput } from '../../src/node/outputs/open-output.js'
import { describeOutputContract } from '../audio-output-contract.js'

const format = { sampleRate: 48_000, channels: 2 }
const clock = new LocalClock()
const spec = { bufferMs: 60, periodMs: 10 }

const library = ((): AlsaLibrary | undefined => {
  try {
    return loadAlsa()
  } catch {
    return undefined
  }
})()

if (library) {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-alsa-'))
  const path = join(folder, 'played.raw')
  after(() => rmSync(folder, { recursive: true }))

  for (const [name, device] of [
    ['ALSA null', 'null'],
    ['ALSA file', `file:FILE=${path},FORMAT=raw`],
  ] as const) {
    describeOutputContract({
      name,
      open: () => openOutput({ kind: 'alsa', device, ...spec }, format, clock),
      noiseUs: 1, // it is our own clock
      stallMs: 100,
    })
  }

  describe('libasound', () => {
    it('is given every sample, in order, between the silence at the start and the end', async () => {
      const output = new AlsaOutput({ device: `file:FILE=${path},FORMAT=raw`, ...spec, ...format }, clock, library)
      let frame = 0
      await new Promise<void>((resolve, reject) => {
        output.start((period, [left, right]) => {
          for (let i = 0; i < period.frames; i++, frame++) {
            left![i] = (frame + 1) / 65_536
            right![i] = -left![i]!
          }
          if (frame >= 4_800) resolve()
        }, reject)
      })
      await output.stop()
      const { buffer, byteOffset, byteLength } = readFileSync(path)
      const played = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength))
      const from = output.device.bufferFrames * 2
      expect(played.slice(0, from).every((sample) => sample === 0)).to.equal(true)
      for (let i = 0; i < 4_800; i++) {
        expect(played[from + 2 * i]).to.equal((i + 1) / 65_536)
        expect(played[from + 2 * i + 1]).to.equal(-(i + 1) / 65_536)
      }
    })

    it('leaves a core idle while it plays to nobody', async () => {
      const output = await openOutput({ kind: 'alsa', device: 'null', ...spec }, format, clock)
      let chunks = 0
      const before = process.cpuUsage()
      const startedAt = clock.now()
      output.start(
        () => chunks++,
        () => {},
      )
      await new Promise((resolve) => setTimeout(resolve, 500))
      await output.stop()
      const { user, system } = process.cpuUsage(before)
      const tookMs = (clock.now() - startedAt) / 1000
      // Left to itself, such a device takes hundreds of thousands.
      expect(chunks).to.be.within(1, tookMs / spec.periodMs + 1)
      expect((user + system) / 1000).to.be.below(tookMs / 2)
    })

    it('says in one line that there is no such card', async () => {
      const refusal = await openOutput({ kind: 'alsa', device: 'hw:CARD=nowhere', ...spec }, format, clock).catch(
        (e) => e,
      )
      expect(refusal.message).to.match(/^[^\n]*"hw:CARD=nowhere"[^\n]*$/)
    })

    it('lists devices by name', () => {
      expect(library.listDevices().map(({ name }) => name)).to.include('null')
    })
  })
} else {
  describe('libasound', () => {
    it('is not installed here (apt-get install libasound2): ALSA is not tested')
  })
}
