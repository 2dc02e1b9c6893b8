/**
 * Keeps a room small. V8 otherwise lets its nursery grow to 16 MiB, which loading the program alone brings about, and what
 * a room allocates while it plays fits into two; it also collects what loading has left behind late or never, and so
 * does the C library: together 10 MiB and more of the most a room ever takes.
 */
import { setFlagsFromString } from 'node:v8'

/** `M_TRIM_THRESHOLD` of glibc (mallopt(3)): free memory beyond so many bytes at its end goes back to the system. */
const trimThreshold = -1
/** What it is at first. Once set it stays; else it grows with whatever large block is freed. */
const trimBytes = 131_072
/**
 * By then all is loaded, and what loading has left behind has been collected. From here on small growth is dear: V8 would collect
 * everything each time the heap has grown by a tenth, some 20 ms of work every 8 s, and forget compiled code over it. With two
 * fifths, 4 MiB of a room's 10, minutes pass.
 */
const startMs = 10_000
const growthPercent = 40

/**
 * Before anything large is loaded. Audio lies outside of the heap: in a large nursery it is so seldom cleared away that V8
 * collects everything, every three seconds of a live source, and whoever waits for its audio is 3 to 4 ms late each time. A
 * small one is cleared every half second, in half a millisecond.
 */
export function keepNurserySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** Before anything large is loaded; holds for all threads of the process. */
export async function keepHeapSmall(): Promise<void> {
  keepNurserySmall()
  setFlagsFromString('--optimize-for-size')
  setTimeout(() => setFlagsFromString(`--heap-growing-percent=${growthPercent}`), startMs).unref()
  if (process.platform !== 'linux') return
  try {
    const { default: koffi } = await import('koffi')
    koffi.load(null).func('int mallopt(int parameter, int value)')(trimThreshold, trimBytes)
  } catch {
    // Another C library, without this: a room is as large as it is.
  }
}

/** The same for a process to be started: for its `execArgv`. */
export const smallHeap: readonly string[] = ['--max-semi-space-size=2']
