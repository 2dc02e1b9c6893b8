/**
 * The page as a room next to a native one, by the samples that leave it. When they leave is what the browser says of its
 * device: there is no loudspeaker here to ask.
 */
import type { Room } from '@tutti/client/node'
import type { Reading } from '@tutti/server'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { WebSocket } from 'ws'
import { describeInBrowser, insecureName, watchForComplaints } from './browser.js'
import {
  audioThreads,
  type Capture,
  changeDevice,
  installTap,
  measurePageClock,
  recentBreaks,
  suspendSound,
  takeCapture,
} from './sound-tap.js'
import { rampFrames, sampleRate, until, WebHouse } from './web-house.js'

const wrapUs = (rampFrames * 1e6) / sampleRate

/** What a plain PCM client is sent tells which position of the ramp belongs to which server time. */
async function findRampOrigin(port: number): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/sendspin`)
  const say = (type: string, payload: object): void => socket.send(JSON.stringify({ type, payload }))
  const origin = await new Promise<number>((resolve) => {
    socket.on('open', () => {
      say('client/hello', {
        client_id: 'probe',
        name: 'Probe',
        version: 1,
        supported_roles: ['player@v1'],
        'player@v1_support': {
          supported_formats: [{ codec: 'pcm', channels: 2, sample_rate: sampleRate, bit_depth: 16 }],
          buffer_capacity: 1_000_000,
          supported_commands: [],
        },
      })
      say('client/state', { state: 'synchronized', player: { volume: 100, muted: false } })
    })
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) return
      const timestamp = Number(data.readBigInt64BE(1))
      resolve(timestamp - ((data.readInt16LE(9) + rampFrames / 2) * 1e6) / sampleRate)
    })
  })
  say('client/goodbye', { reason: 'user_request' })
  socket.close()
  return origin
}

/** The server time nearest to `nearUs` at which the ramp is at `value`. */
function serverTimeOf(value: number, nearUs: number, originUs: number): number {
  const phaseUs = originUs + ((value * 32_768 + rampFrames / 2) * 1e6) / sampleRate
  return phaseUs + Math.round((nearUs - phaseUs) / wrapUs) * wrapUs
}

/** When context time 0 left the device, by the page's clock in µs: the median, as single readings jitter. */
function contextOrigin({ left }: Capture): number {
  return median(left.filter(([time]) => time > 0).map(([time, pageMs]) => pageMs * 1000 - time * 1e6))
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** How late the page was heard at each sample the tap took, in µs, against what the server meant. */
function latenessOf(capture: Capture, pageOffsetUs: number, originUs: number): readonly number[] {
  const contextUs = contextOrigin(capture)
  return capture.heard.flatMap(({ frame, value }) => {
    const position = value * 32_768 + rampFrames / 2
    if (value === 0 || position < 100 || position > rampFrames - 100) return [] // where the ramp falls back
    const heardAtUs = contextUs + (frame / capture.sampleRate) * 1e6 + pageOffsetUs
    return [heardAtUs - serverTimeOf(value, heardAtUs, originUs)]
  })
}

/** A page that is hidden is told so; what else its browser does to it differs from one to the next. */
function setVisible(page: Page, isVisible: boolean): Promise<void> {
  return page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state })
      document.dispatchEvent(new Event('visibilitychange'))
    },
    isVisible ? 'visible' : 'hidden',
  )
}

/** A lossless stream, so that samples keep saying where they are. */
async function askForLossless(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { prototype } = globalThis.WebSocket as unknown as { prototype: { send(data: unknown): void } }
    const { send } = prototype
    prototype.send = function (data) {
      if (typeof data !== 'string' || !data.includes('"client/hello"')) return send.call(this, data)
      const hello = JSON.parse(data)
      const support = hello.payload['player@v1_support']
      support.supported_formats = support.supported_formats.filter(
        ({ codec, bit_depth }: { codec: string; bit_depth: number }) => codec === 'flac' && bit_depth === 16,
      )
      return send.call(this, JSON.stringify(hello))
    }
  })
}

/** As if there were no audio thread to be had, while the tap has one. */
async function refuseThread(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const ThreadNode = globalThis.AudioWorkletNode
    globalThis.AudioWorkletNode = class extends ThreadNode {
      constructor(context: BaseAudioContext, name: string, options?: AudioWorkletNodeOptions) {
        if (name === 'period-player') throw new Error('there is no audio thread')
        super(context, name, options)
      }
    }
  })
}

const interruptions = ({ underruns, starvations, jumps }: Reading): number => underruns + starvations + jumps

/** Echo begins at 5 ms. The audio clock of a browser without a device allows far less; see what is reported. */
const mostApartUs = 5_000
const measuredS = 3

const paths = [
  { how: "in the browser's audio thread", hasThread: true },
  { how: 'through buffer sources', hasThread: false },
] as const

for (const { how, hasThread } of paths) {
  describeInBrowser(`This device as a room ${how}, in Chromium`, (browser) => {
    let house: WebHouse
    let room: Room
    let page: Page
    let complaints: string[]
    let originUs: number

    before(async () => {
      house = await WebHouse.open()
      await house.queue(600)
      room = await house.addRoom('Kitchen', 40)
      await house.play()
      page = await (await browser().newContext({ bypassCSP: true })).newPage()
      complaints = watchForComplaints(page)
      await askForLossless(page)
      await installTap(page)
      if (!hasThread) await refuseThread(page)
      await page.goto(`${house.address}#device`)
      await page.getByRole('button', { name: 'Play here' }).click()
      await until('sound of the room', () => room.status().playout === 'playing')
      originUs = await findRampOrigin(house.server.port)
    })

    after(() => house?.close())

    const reading = (): Reading | undefined => house.server.readings().find(({ client }) => client.startsWith('page-'))
    const alert = () => page.getByRole('alert')

    /** Until what leaves the page is what the house means to be heard, by the samples; how late, in µs. */
    const untilInStep = async (): Promise<number> => {
      const { offsetUs } = await measurePageClock(page)
      const deadline = Date.now() + 30_000
      for (;;) {
        await takeCapture(page)
        await page.waitForFunction(() => (globalThis as unknown as { tap: { heard: [] } }).tap.heard.length > 60)
        const late = median(latenessOf(await takeCapture(page), offsetUs, originUs))
        if (Math.abs(late) < mostApartUs) return late
        if (Date.now() > deadline) throw new Error(`${ms(late)} out of step after 30 s`)
      }
    }

    it(hasThread ? 'has an audio thread of its own' : 'does without an audio thread', async () => {
      await untilInStep()
      expect(await audioThreads(page)).to.deep.equal(hasThread ? ['period-player'] : [])
    })

    it('plays what the others play, contiguously and in step with them', async function () {
      this.retries(2) // a machine too busy to play is not what is measured
      await page
        .getByRole('status')
        .filter({ hasText: /in step/ })
        .waitFor()
      await untilInStep()
      const { offsetUs, errorUs } = await measurePageClock(page)
      const before = interruptions(reading()!)
      await takeCapture(page)
      const roomLate: number[] = []
      for (let n = 0; n < measuredS * 20; n++) {
        const hearing = room.hearing()
        if (hearing && !Number.isNaN(hearing.heardServerAt))
          roomLate.push(hearing.trueHeardAtUs - hearing.heardServerAt)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      const capture = await takeCapture(page)
      const told = reading()!.at
      const after = interruptions((await until('the next reading', () => reading()!.at > told && reading()))!)

      const apart = latenessOf(capture, offsetUs, originUs).map((us) => us - median(roomLate))
      expect(apart.length).to.be.above(measuredS * 60)
      const sorted = apart.map(Math.abs).sort((a, b) => a - b)
      process.stderr.write(
        `      page against native room: median ${ms(median(apart))}, 95 % within ${ms(sorted[Math.floor(sorted.length * 0.95)]!)}; ` +
          `the clocks were compared to ${ms(errorUs)}; ${after - before} interruptions, ${capture.breaks.length} breaks\n`,
      )
      expect(Math.abs(median(apart))).to.be.below(mostApartUs)
      expect(after - before, 'interruptions').to.equal(0)
      expect(capture.breaks).to.deep.equal([])
    })

    if (hasThread) {
      it('plays on without a break while it is hidden and rarely gets to work', async function () {
        this.retries(2)
        await setVisible(page, false)
        const before = interruptions(reading()!)
        await takeCapture(page)
        for (let n = 0; n < 2; n++) {
          await page.evaluate(async () => {
            // Once the queue has been filled, nothing runs for 0.7 s.
            await new Promise((resolve) => setTimeout(resolve, 300))
            const end = performance.now() + 700
            while (performance.now() < end);
          })
        }
        const told = reading()!.at
        const after = interruptions((await until('the next reading', () => reading()!.at > told && reading()))!)
        const { breaks } = await takeCapture(page)
        await setVisible(page, true)
        expect(after - before, 'interruptions').to.equal(0)
        expect(breaks).to.deep.equal([])
        await untilInStep()
      })
    }

    it('goes on by itself when the browser has suspended its sound', async () => {
      await suspendSound(page)
      const late = await untilInStep()
      await alert().waitFor({ state: 'detached' })
      process.stderr.write(`      ${ms(late)} late afterwards\n`)
    })

    if (hasThread) {
      it('says that it is silent when the browser silences it while hidden, and is in step again when it is seen', async () => {
        await setVisible(page, false)
        await suspendSound(page)
        await alert().filter({ hasText: 'silenced the page while it was hidden' }).waitFor()
        await until('a word of it at the server', () => reading()?.state !== 'playing')
        await setVisible(page, true)
        const late = await untilInStep()
        await alert().waitFor({ state: 'detached' })
        await until('the same at the server', () => reading()?.state === 'playing')
        process.stderr.write(`      ${ms(late)} late afterwards\n`)
      })

      it('follows to a device that sounds later', async () => {
        await changeDevice(page, 120)
        const late = await untilInStep()
        process.stderr.write(`      ${ms(late)} late afterwards\n`)
      })
    }

    it('is stopped by its own button, and says goodbye', async () => {
      await page.getByRole('button', { name: 'Stop playing here' }).click()
      await page.getByRole('button', { name: 'Play here' }).waitFor()
      await until('goodbye', () =>
        house.server
          .status()
          .groups.flatMap(({ clients }) => clients)
          .some(({ id, isConnected }) => id.startsWith('page-') && !isConnected),
      )
      expect(complaints).to.deep.equal([])
    })
  })
}

describeInBrowser('This device as a room on plain http, in Chromium', (browser) => {
  it('plays contiguously and in step, without what only secure pages have', async function () {
    this.retries(2)
    const house = await WebHouse.open({ names: [insecureName] })
    await house.queue(600)
    await house.play()
    const page = await (await browser().newContext({ bypassCSP: true })).newPage()
    const complaints = watchForComplaints(page)
    await askForLossless(page)
    await installTap(page)
    await page.goto(`http://${insecureName}:${house.server.port}/#device`)
    await page.getByRole('button', { name: 'Play here' }).click()
    await page
      .getByRole('status')
      .filter({ hasText: /in step/ })
      .waitFor()
    await until('a stretch without a break', async () => (await recentBreaks(page))?.length === 0)
    expect(await page.evaluate(() => isSecureContext)).to.equal(false)
    expect(await audioThreads(page)).to.deep.equal([])
    expect(await page.getByRole('alert').count()).to.equal(0)
    expect(complaints).to.deep.equal([])
    await page.context().close()
    await house.close()
  })
})

function ms(us: number): string {
  return `${(us / 1000).toFixed(2)} ms`
}
