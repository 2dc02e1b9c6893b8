/** Takes the pictures of the page anew: `npm run screenshots [folder]`. Only the last line of words says anything. */
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launchBrowser } from './browser.js'
import { cover } from './cover.js'
import { FakeHouse } from './fake-house.js'

const folder = process.argv[2] ?? fileURLToPath(new URL('../../../docs/screenshots', import.meta.url))
/** As large as they are shown: phones have finer pixels, and pictures of them are shown small. */
const sizes = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5 },
  desktop: { viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1 },
} as const
const views = ['playing', 'rooms', 'step', 'device'] as const

mkdirSync(folder, { recursive: true })
const browser = await launchBrowser()
for (const [size, shape] of Object.entries(sizes)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const house = await FakeHouse.open()
    const context = await browser.newContext({ ...shape, colorScheme })
    const page = await context.newPage()
    await page.route('**/api/artwork/*', (route) => route.fulfill({ contentType: 'image/svg+xml', body: cover }))
    await page.goto(house.address)
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    house.pass(620)
    for (const view of views) {
      await page.goto(`${house.address}#${view}`)
      if (view === 'playing') await page.locator('.artwork img').waitFor()
      if (view === 'step') await page.locator('.plot canvas').first().waitFor()
      await page.waitForTimeout(400)
      await page.screenshot({ path: join(folder, `${view}-${size}-${colorScheme}.png`), animations: 'disabled' })
    }
    await context.close()
    await house.close()
  }
}
await browser.close()
const pictures = readdirSync(folder).filter((name) => name.endsWith('.png'))
const bytes = pictures.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
process.stdout.write(`${pictures.length} pictures in ${folder}, ${Math.round(bytes / 1000)} kB\n`)
