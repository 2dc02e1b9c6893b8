/** Keeps a room small: V8 otherwise lets its nursery grow to 16 MiB, of which a room's few objects need two. */
import { setFlagsFromString } from 'node:v8'

/** Before much has been allocated; holds for all threads of the process. */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
