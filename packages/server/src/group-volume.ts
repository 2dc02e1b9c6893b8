/** Volume and mute of a group, as the specification reckons them from its players' (Sendspin, "Setting group volume"). */

/** The mean, rounded; undefined when there is no player whose volume can be set. */
export function groupVolume(volumes: readonly number[]): number | undefined {
  return volumes.length === 0 ? undefined : Math.round(mean(volumes))
}

/** True when every player that can be muted is; undefined when there is none. */
export function groupMuted(muted: readonly boolean[]): boolean | undefined {
  return muted.length === 0 ? undefined : muted.every(Boolean)
}

/**
 * The players' new volumes so that their mean becomes `requested` while they keep their distances as far as 0 and 100
 * allow. What a player at its limit cannot take is spread equally over the others. Whole numbers, in the given order.
 */
export function spreadGroupVolume(volumes: readonly number[], requested: number): number[] {
  const result = [...volumes]
  let free = result.map((_, index) => index)
  let delta = volumes.length === 0 ? 0 : requested - mean(volumes)
  while (free.length > 0 && delta !== 0) {
    let lost = 0
    const stillFree: number[] = []
    for (const index of free) {
      const proposed = result[index]! + delta
      const clamped = Math.min(Math.max(proposed, 0), 100)
      result[index] = clamped
      if (clamped === proposed) stillFree.push(index)
      else lost += proposed - clamped
    }
    if (stillFree.length === free.length) break
    free = stillFree
    delta = lost / free.length
  }
  return result.map(Math.round)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
