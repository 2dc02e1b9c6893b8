/** Loads libFLAC 1.3 in WebAssembly (`libflacjs`), once per thread. */
import { createRequire } from 'node:module'
import type { Flac } from 'libflacjs'

let loading: Promise<Flac> | undefined

export function loadLibflac(): Promise<Flac> {
  loading ??= load()
  return loading
}

async function load(): Promise<Flac> {
  const flac = requireWithoutFetch()
  if (!flac.isReady()) await new Promise<void>((resolve) => flac.on('ready', () => resolve()))
  return flac
}

/**
 * Where there is a global `fetch` the library calls it on a file path, which Node refuses; without one it reads the
 * file. It reads where the file lies from an environment variable of its own making.
 */
function requireWithoutFetch(): Flac {
  const require = createRequire(import.meta.url)
  const { fetch } = globalThis
  try {
    Reflect.deleteProperty(globalThis, 'fetch')
    return (require('libflacjs') as (variant: string) => Flac)('min.wasm')
  } finally {
    globalThis.fetch = fetch
  }
}
