/** The official JavaScript SDK in a browser, with its own decoders and its own sound: every codec it has, from our server. */
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { build, type Rollup } from 'vite'
import { describeInBrowser, watchForComplaints } from './browser.js'
import { sampleRate, toneHz, until, WebHouse } from './web-house.js'

/** What we use of it, and what the page keeps. */
interface SdkPage {
  readonly Sdk: { readonly SendspinPlayer: new (config: object) => SdkPlayer }
  player: SdkPlayer
  chunks: Chunk[]
}

interface SdkPlayer {
  unlock(): Promise<void>
  connect(): Promise<void>
  disconnect(reason: string): void
  readonly isPlaying: boolean
  readonly currentFormat: { readonly codec: string } | null
  readonly timeSyncInfo: { readonly synced: boolean; readonly error: number }
  readonly syncInfo: { readonly syncErrorMs: number }
  readonly core: { _onAudioData: (chunk: DecodedChunk) => void }
}

interface DecodedChunk {
  readonly samples: readonly Float32Array[]
  readonly sampleRate: number
  readonly serverTimeUs: number
}

interface Chunk {
  readonly serverTimeUs: number
  readonly frames: number
  readonly sampleRate: number
  /** Of the tone at the first frame, radians, and how loud the tone is and all else. */
  readonly phase: number
  readonly amplitude: number
  readonly residue: number
}

const heardS = 3

async function bundleSdk(): Promise<string> {
  const entry = fileURLToPath(new URL('../../../node_modules/@sendspin/sendspin-js/dist/index.js', import.meta.url))
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry, formats: ['iife'], name: 'Sdk' } },
  })) as Rollup.RollupOutput[]
  const [chunk] = built[0]!.output
  return `${chunk.code}\nglobalThis.Sdk = Sdk`
}

describeInBrowser('The Sendspin JavaScript SDK 3.2.1 in Chromium, against our server', (browser) => {
  let house: WebHouse
  let page: Page
  let complaints: string[]

  before(async () => {
    house = await WebHouse.open()
    await house.server.command({
      command: 'addTracks',
      group: house.group,
      tracks: [{ location: '/music/tone 600.wav' }],
    })
    await house.play()
    const code = await bundleSdk()
    page = await browser().newPage()
    complaints = watchForComplaints(page)
    await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }))
    await page.goto(`${house.address}api/access`) // a page of the server's with nothing on it
    await page.evaluate(code)
  })

  after(() => house?.close())

  for (const codec of ['pcm', 'flac', 'opus'] as const) {
    it(`plays ${codec.toUpperCase()}, every chunk where the one before it ends`, async () => {
      await page.evaluate(
        async ([chosen, frequency]) => {
          const sdk = globalThis as unknown as SdkPage
          sdk.chunks = []
          sdk.player = new sdk.Sdk.SendspinPlayer({
            playerId: `sdk-${chosen}`,
            clientName: `SDK with ${chosen}`,
            baseUrl: location.origin,
            codecs: [chosen],
          })
          const { core } = sdk.player
          const schedule = core._onAudioData
          core._onAudioData = (chunk) => {
            const samples = chunk.samples[0]!
            const step = (2 * Math.PI * frequency) / chunk.sampleRate
            // Least squares: amplitudes of cosine and sine, which are not quite orthogonal over a chunk.
            let [xc, xs, xx, cc, ss, cs] = [0, 0, 0, 0, 0, 0]
            for (const [i, x] of samples.entries()) {
              const [c, s] = [Math.cos(step * i), Math.sin(step * i)]
              xc += x * c
              xs += x * s
              xx += x * x
              cc += c * c
              ss += s * s
              cs += c * s
            }
            const determinant = cc * ss - cs * cs
            const [re, im] = [(xc * ss - xs * cs) / determinant, (xs * cc - xc * cs) / determinant]
            const amplitude = Math.hypot(re, im)
            const residue = Math.sqrt(Math.max(0, xx - re * xc - im * xs) / samples.length)
            const phase = Math.atan2(re, im)
            const { serverTimeUs, sampleRate } = chunk
            sdk.chunks.push({ serverTimeUs, frames: samples.length, sampleRate, phase, amplitude, residue })
            schedule.call(core, chunk)
          }
          await sdk.player.unlock()
          await sdk.player.connect()
        },
        [codec, toneHz] as const,
      )
      const client = await until(`a player with ${codec}`, () =>
        house.server
          .status()
          .groups.flatMap(({ clients }) => clients)
          .find(({ id, format }) => id === `sdk-${codec}` && format !== undefined),
      )
      expect(client.format!.codec).to.equal(codec)
      await page.waitForFunction((frames) => {
        const { chunks, player } = globalThis as unknown as SdkPage
        return (
          player.isPlaying &&
          player.timeSyncInfo.synced &&
          chunks.reduce((sum, chunk) => sum + chunk.frames, 0) > frames
        )
      }, heardS * sampleRate)
      const { chunks, format, syncErrorMs } = await page.evaluate(() => {
        const { chunks, player } = globalThis as unknown as SdkPage
        return { chunks, format: player.currentFormat!, syncErrorMs: player.syncInfo.syncErrorMs }
      })
      await page.evaluate(() => (globalThis as unknown as SdkPage).player.disconnect('user_request'))

      expect(format.codec).to.equal(codec)
      process.stderr.write(
        `      ${codec}: ${chunks.length} chunks; the player takes itself to be ${syncErrorMs.toFixed(1)} ms off\n`,
      )
      // Decoded side by side, so perhaps not in order; and a codec that looks back begins with nothing to look back on.
      const settled = chunks.sort((a, b) => a.serverTimeUs - b.serverTimeUs).slice(10)
      const [first] = settled
      let frames = 0
      for (const chunk of settled) {
        const dueUs = first!.serverTimeUs + (frames * 1e6) / first!.sampleRate
        expect(Math.abs(chunk.serverTimeUs - dueUs), `timestamp of frame ${frames}`).to.be.at.most(1)
        const turned = chunk.phase - first!.phase - (2 * Math.PI * toneHz * frames) / first!.sampleRate
        expect(Math.abs(Math.sin(turned / 2)), `phase at frame ${frames}`).to.be.below(0.02)
        expect(chunk.amplitude).to.be.closeTo(0.5, 0.02)
        expect(chunk.residue, `noise at frame ${frames}`).to.be.below(codec === 'opus' ? 0.02 : 0.002)
        frames += chunk.frames
      }
    })
  }

  it('had nothing to complain about', () => {
    expect([...new Set(complaints)]).to.deep.equal([])
    expect(house.problems).to.deep.equal([])
  })
})
