import type { Room } from '@tutti/client/node'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { WebSocket } from 'ws'
import { describeInBrowser } from './browser.js'
import { type Capture, installTap, measurePageClock, takeCapture } from './sound-tap.js'
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
  return sorted[sorted.length >> 1]!
}

/** How late the page was heard at each sample the tap took, in µs, against what the server meant. */
function latenessOf(capture: Capture, pageOffsetUs: number, originUs: number): readonly number[] {
  const contextUs = contextOrigin(capture)
  return capture.heard.flatMap(({ frame, samples: [value = 0] }) => {
    const position = value * 32_768 + rampFrames / 2
    if (position < 100 || position > rampFrames - 100) return [] // where the ramp falls back
    const heardAtUs = contextUs + (frame / capture.sampleRate) * 1e6 + pageOffsetUs
    return [heardAtUs - serverTimeOf(value, heardAtUs, originUs)]
  })
}

/** The native room's card knows; a few readings, as it is asked in passing. */
async function latenessOfRoom(room: Room, seconds: number): Promise<readonly number[]> {
  const late: number[] = []
  for (let n = 0; n < seconds * 20; n++) {
    const hearing = room.hearing()
    if (hearing && !Number.isNaN(hearing.heardServerAt)) late.push(hearing.trueHeardAtUs - hearing.heardServerAt)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return late
}

describeInBrowser('This device as a room, in Chromium', (browser) => {
  let house: WebHouse
  let page: Page
  const errors: string[] = []

  before(async () => {
    house = await WebHouse.open()
    const context = await browser().newContext({ bypassCSP: true })
    page = await context.newPage()
    page.on('pageerror', (error) => errors.push(error.message))
    // A lossless stream, so that samples keep saying where they are.
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
    await installTap(page)
  })

  after(() => house?.close())

  it('plays what the others play, contiguously and in step with them', async () => {
    await house.queue(600)
    const room = await house.addRoom('Kitchen', 40)
    await house.play()
    await page.goto(`${house.address}#device`)
    await page.getByRole('button', { name: 'Play here' }).click()
    await page
      .getByRole('status')
      .filter({ hasText: /in step/ })
      .waitFor({ timeout: 60_000 })
    await until('sound of the room', () => room.status().playout === 'playing')
    const originUs = await findRampOrigin(house.server.port)

    await new Promise((resolve) => setTimeout(resolve, 8_000))
    await takeCapture(page)
    const { offsetUs, errorUs } = await measurePageClock(page)
    const before = house.server.readings().find(({ client }) => client.startsWith('page-'))!
    const roomLate = await latenessOfRoom(room, 10)
    const capture = await takeCapture(page)
    const after = house.server.readings().find(({ client }) => client.startsWith('page-'))!

    const late = latenessOf(capture, offsetUs, originUs)
    expect(late.length).to.be.above(400)
    const apart = late.map((us) => us - median(roomLate))
    const sorted = apart.map(Math.abs).sort((a, b) => a - b)
    const p95 = sorted[Math.floor(sorted.length * 0.95)]!
    const broken =
      after.underruns + after.starvations + after.jumps - before.underruns - before.starvations - before.jumps
    const breaks = capture.breaks.filter(([frame]) => frame > capture.heard[0]!.frame)
    process.stderr.write(
      `      page against native room: median ${ms(median(apart))}, 95 % within ${ms(p95)}; ` +
        `the clocks were compared to ${ms(errorUs)}; ${broken} interruptions, ${breaks.length} breaks\n`,
    )
    expect(Math.abs(median(apart))).to.be.below(5_000)
    // On a machine too busy to play, the room says so; otherwise every sample follows the one before.
    if (broken === 0) expect(breaks).to.deep.equal([])
    expect(errors).to.deep.equal([])
  })

  it('is stopped by its own button, and says goodbye', async () => {
    await page.getByRole('button', { name: 'Stop playing here' }).click()
    await page.getByRole('button', { name: 'Play here' }).waitFor()
    await until('goodbye', () =>
      house.server
        .status()
        .groups.flatMap(({ clients }) => clients)
        .some(({ id, isConnected }) => id.startsWith('page-') && !isConnected),
    )
  })
})

function ms(us: number): string {
  return `${(us / 1000).toFixed(2)} ms`
}
