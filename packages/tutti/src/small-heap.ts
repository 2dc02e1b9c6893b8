/**
 * Keeps a room small: V8 otherwise lets its nursery grow to 16 MiB, which loading the program alone brings about, and
 * what a room allocates while it plays fits into two.
 */
import { setFlagsFromString } from 'node:v8'

/** Before anything large is loaded; holds for all threads of the process. */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** The same for a process to be started: for its `execArgv`. */
export const smallHeap: readonly string[] = ['--max-semi-space-size=2']
