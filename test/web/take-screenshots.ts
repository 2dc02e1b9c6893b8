/** Takes docs/screenshots anew: `npm run build && node test/dist/web/take-screenshots.js [folder]`. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launchBrowser } from './browser.js'
import { FakeHouse } from './fake-house.js'

const folder = process.argv[2] ?? fileURLToPath(new URL('../../../docs/screenshots', import.meta.url))
const sizes = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
} as const
const views = ['playing', 'rooms', 'step', 'device'] as const

mkdirSync(folder, { recursive: true })
const house = await FakeHouse.open()
const browser = await launchBrowser()
for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: size === 'phone' ? 2 : 1 })
    const page = await context.newPage()
    await page.goto(house.address)
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    house.pass(620)
    for (const view of views) {
      await page.goto(`${house.address}#${view}`)
      if (view === 'step') await page.locator('.plot canvas').first().waitFor()
      await page.waitForTimeout(400)
      await page.screenshot({ path: join(folder, `${view}-${size}-${colorScheme}.png`), animations: 'disabled' })
    }
    await context.close()
  }
}
await browser.close()
await house.close()
