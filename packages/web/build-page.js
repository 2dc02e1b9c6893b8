/** Builds the page into dist/page, when anything it is made of is newer than it. */
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const built = join(here, 'dist/page/index.html')
const madeOf = [
  'src',
  'index.html',
  'vite.config.js',
  'package.json',
  ...['clock', 'protocol', 'codec', 'client'].map((name) => `../${name}/dist/src`),
]

function newest(path) {
  const found = statSync(path)
  if (!found.isDirectory()) return found.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}

const sourcesAt = Math.max(...madeOf.map((path) => newest(join(here, path))))
if (!existsSync(built) || statSync(built).mtimeMs < sourcesAt) {
  const { build } = await import('vite')
  await build({ configFile: join(here, 'vite.config.js') })
  // As old as what it was made of: a source that changed meanwhile is newer.
  utimesSync(built, sourcesAt / 1000, sourcesAt / 1000 + 0.001)
}
