/** Chromium for the tests of the page: Debian's, or whatever `TUTTI_CHROMIUM` names. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const candidates = [
  process.env.TUTTI_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const executablePath = candidates.find((path) => path !== undefined && existsSync(path))

/** Why there is no browser here, and how to get one; undefined when there is. */
export const browserMissing: string | undefined =
  executablePath === undefined
    ? 'SKIPPED: no Chromium found. Install it (Debian: apt install chromium) or set TUTTI_CHROMIUM to one.'
    : undefined

export function launchBrowser(...flags: readonly string[]): Promise<Browser> {
  if (executablePath === undefined) throw new Error(browserMissing)
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required', ...flags],
  })
}
