/** Chromium for the tests of the page: Debian's, or whatever `TUTTI_CHROMIUM` names. */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const candidates = [
  process.env.TUTTI_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const executablePath = candidates.find((path) => path !== undefined && existsSync(path))

/** Why there is no browser here, and how to get one; undefined when there is. */
const browserMissing: string | undefined =
  executablePath === undefined
    ? 'SKIPPED: no Chromium found. Install it (Debian: apt install chromium) or set TUTTI_CHROMIUM to one.'
    : undefined

/** A name that leads to this machine and is not `localhost`: to browsers, plain http on it is not secure. */
export const insecureName = 'house.test'

export function launchBrowser(...flags: readonly string[]): Promise<Browser> {
  if (executablePath === undefined) throw new Error(browserMissing)
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--autoplay-policy=no-user-gesture-required',
      `--host-resolver-rules=MAP ${insecureName} 127.0.0.1`,
      ...flags,
    ],
  })
}

/** A suite with a browser of its own; where there is none it is skipped, and says how to get one. */
export function describeInBrowser(title: string, run: (browser: () => Browser) => void): void {
  let browser: Browser | undefined
  if (browserMissing !== undefined) {
    describe.skip(`${title} (${browserMissing})`, () => run(() => browser!))
    return
  }
  describe(title, function () {
    this.timeout(60_000)
    before(async () => {
      browser = await launchBrowser()
    })
    after(() => browser?.close())
    run(() => browser!)
  })
}

/** Everything a page has to complain of, as it happens: errors on its console, and whatever it asks of hosts other than its own. */
export function watchForComplaints(page: Page): string[] {
  const complaints: string[] = []
  let home: string | undefined
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()} (${message.location().url})`)
  })
  page.on('request', (request) => {
    const { host, protocol } = new URL(request.url())
    home ??= host
    if (protocol !== 'blob:' && protocol !== 'data:' && host !== home) complaints.push(`external: ${request.url()}`)
  })
  return complaints
}
