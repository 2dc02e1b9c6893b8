/** When something is to be done; undefined while it is not to be done at all. */
import type { LocalUs } from '@tutti/clock'

export type Deadline = LocalUs | undefined

/** The first of them that will come; undefined when none will. */
export function earliest(...deadlines: readonly Deadline[]): Deadline {
  let first: Deadline
  for (const deadline of deadlines) {
    if (deadline !== undefined && (first === undefined || deadline < first)) first = deadline
  }
  return first
}

export function isDue(deadline: Deadline, at: LocalUs): boolean {
  return deadline !== undefined && at >= deadline
}
