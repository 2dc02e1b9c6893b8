/** What the page owes everyone: little to load, nothing from elsewhere, usable by all, and no end to its patience. */

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { expect } from 'chai'
import type { Page, Request } from 'playwright-core'
import { describeInBrowser, watchForComplaints } from './browser.js'
import { FakeHouse } from './fake-house.js'
import { WebHouse } from './web-house.js'

const mostFirstBytes = 150_000
const views = ['playing', 'rooms', 'step', 'device'] as const

describeInBrowser('The budget of the page', (browser) => {
  let house: WebHouse

  before(async () => {
    house = await WebHouse.open()
    await house.queue(300)
    await house.addRoom('Kitchen', 10)
    await house.play()
  })

  after(() => house?.close())

  it('first loads less than 150 kB as sent, nothing from elsewhere, without an error on the console', async () => {
    const page = await (await browser().newContext()).newPage()
    const complaints = watchForComplaints(page)
    const requests: Request[] = []
    page.on('requestfinished', (request) => requests.push(request))
    const load = async (path: string): Promise<number> => {
      requests.length = 0
      await page.goto(`${house.address}${path}`, { waitUntil: 'networkidle' })
      const sizes = await Promise.all(requests.map((request) => request.sizes()))
      return sizes.reduce(
        (sum, { responseHeadersSize, responseBodySize }) => sum + responseHeadersSize + responseBodySize,
        0,
      )
    }
    const first = await load('')
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    let rest = 0
    for (const view of views) rest += await load(`#${view}`)
    await page.getByRole('button', { name: 'Play here' }).click()
    await page.getByRole('button', { name: 'Stop playing here' }).waitFor()
    await page.getByRole('button', { name: 'Settings', exact: true }).click()
    await page.getByRole('dialog').waitFor()
    process.stderr.write(`      first load: ${kB(first)}, the other views: ${kB(rest)}\n`)
    expect(first).to.be.within(10_000, mostFirstBytes)
    expect(complaints).to.deep.equal([])
    await page.context().close()
  })

  it('may be left for another view before its plots have come', async () => {
    const page = await (await browser().newContext()).newPage()
    const complaints = watchForComplaints(page)
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route(/room-chart/, async (route) => {
      await held
      await route.continue()
    })
    const asked = page.waitForRequest(/room-chart/)
    await page.goto(`${house.address}#step`)
    await asked
    await page.goto(`${house.address}#rooms`)
    await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor()
    const came = page.waitForResponse(/room-chart/)
    release()
    await came
    await page.waitForLoadState('networkidle')
    expect(complaints).to.deep.equal([])
    await page.context().close()
  })
})

describeInBrowser('Whoever uses the page', (browser) => {
  let house: FakeHouse
  let axe: string

  before(async () => {
    house = await FakeHouse.open()
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  })

  after(() => house?.close())

  const audit = async (page: Page, where: string): Promise<readonly string[]> => {
    const { violations } = await page.evaluate(() =>
      (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
    )
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${where}: ${id} at ${target}: ${failureSummary}`),
      )
  }

  const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`finds no serious barrier in any view, ${colorScheme}, on a ${size}`, async () => {
        const context = await browser().newContext({ viewport, colorScheme, reducedMotion: 'reduce' })
        const page = await context.newPage()
        await page.addInitScript(axe)
        const barriers: string[] = []
        const look = async (where: string): Promise<void> => {
          barriers.push(...(await audit(page, where)))
        }
        await page.goto(house.address)
        await page.getByRole('button', { name: 'Pause' }).waitFor()
        house.pass(60)
        for (const view of views) {
          await page.goto(`${house.address}#${view}`)
          if (view === 'rooms') await page.getByRole('button', { name: 'Settings of Kitchen' }).click()
          if (view === 'step') await page.locator('.plot canvas').first().waitFor()
          await look(view)
        }
        await page.getByRole('button', { name: 'Settings', exact: true }).click()
        await look('settings')
        await page.goto(`${house.address}#playing`)
        await page.reload()
        await page.getByRole('button', { name: 'Add', exact: true }).click()
        await page.getByText('The Lanterns').last().waitFor()
        await look('add music')
        await page.route('**/api/access', (route) =>
          route.fulfill({ json: { name: 'Home', isAllowed: false, version: '' } }),
        )
        await page.reload()
        await page.getByRole('heading', { name: 'Pair this browser' }).waitFor()
        await look('pairing')
        expect(barriers).to.deep.equal([])
        await context.close()
      })
    }
  }
})

/** What the caches of Chromium and one view that is still held may come to; each reading kept for good is 20 MB by the morning. */
const mostGrowth: Weight = { bytes: 4e6, nodes: 800, listeners: 100 }
const nightHours = 8

interface Weight {
  readonly bytes: number
  readonly nodes: number
  readonly listeners: number
}

interface HeapSnapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: readonly string[] } }
  readonly nodes: readonly number[]
}

describeInBrowser('A page that has lost its server', (browser) => {
  it('comes back over one connection, though it is told at once and twice that the network is there', async () => {
    const house = await FakeHouse.open()
    const page = await (await browser().newContext()).newPage()
    await page.goto(house.address)
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    house.drop()
    await page.getByText('No connection to the music server').waitFor()
    await page.evaluate(() => {
      document.dispatchEvent(new Event('visibilitychange'))
      dispatchEvent(new Event('online'))
    })
    await page.getByText('No connection to the music server').waitFor({ state: 'hidden' })
    await page.waitForTimeout(1_000)
    expect(house.connections).to.equal(1)
    await page.context().close()
    await house.close()
  }).timeout(20_000)
})

describeInBrowser('A page left open overnight', (browser) => {
  it('is no larger in the morning', async () => {
    const house = await FakeHouse.open()
    const page = await (await browser().newContext()).newPage()
    const devTools = await page.context().newCDPSession(page)
    await page.goto(house.address)
    await page.getByRole('button', { name: 'Pause' }).waitFor()

    /** An hour of readings, a broken connection, and a look at each view, so that all of them have something to keep. */
    const hour = async (name: string): Promise<void> => {
      for (const view of views) {
        await page.evaluate((hash) => {
          location.hash = hash
        }, view)
        house.name = `${name}, ${view}`
        house.pass(900)
        await page.waitForFunction((title) => document.title.endsWith(title), house.name)
      }
      house.drop()
      await page.getByText('No connection to the music server').waitFor()
      await page.evaluate(() => dispatchEvent(new Event('online'))) // tries again at once
      await page.getByText('No connection to the music server').waitFor({ state: 'hidden' })
    }
    // After `collectGarbage` alone, Chromium still counts garbage by the megabyte; a snapshot holds what can be reached.
    const weigh = async (): Promise<Weight> => {
      const parts: string[] = []
      const take = ({ chunk }: { readonly chunk: string }): void => void parts.push(chunk)
      devTools.on('HeapProfiler.addHeapSnapshotChunk', take)
      await devTools.send('HeapProfiler.takeHeapSnapshot')
      devTools.off('HeapProfiler.addHeapSnapshotChunk', take)
      const { snapshot, nodes } = JSON.parse(parts.join('')) as HeapSnapshot
      const fields = snapshot.meta.node_fields
      let bytes = 0
      for (let i = fields.indexOf('self_size'); i < nodes.length; i += fields.length) bytes += nodes[i]!
      const dom = await devTools.send('Memory.getDOMCounters')
      return { bytes, nodes: dom.nodes, listeners: dom.jsEventListeners }
    }

    // Whatever is kept once, or for some minutes, is there by now.
    for (const name of ['First', 'Second']) await hour(name)
    const evening = await weigh()
    for (let n = 1; n <= nightHours; n++) await hour(`Night ${n}`)
    const morning = await weigh()
    process.stderr.write(
      `      heap in the evening ${kB(evening.bytes)}, after ${nightHours} hours ${kB(morning.bytes)}; ` +
        `nodes ${evening.nodes} and ${morning.nodes}, listeners ${evening.listeners} and ${morning.listeners}\n`,
    )
    for (const of of ['bytes', 'nodes', 'listeners'] as const) {
      expect(morning[of] - evening[of], of).to.be.below(mostGrowth[of])
    }
    await house.close()
  })
})

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`
}
