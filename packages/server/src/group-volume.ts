/**
 * Volume and mute of a group. Its volume is the mean of its players', and there are two ways to set it: the page keeps
 * the players' ratios, which to the ear are their distances in loudness (a player's gain is a power of its volume);
 * remote controls that speak Sendspin keep the distances in volume, as its specification has it.
 */

/** The mean, rounded; undefined when there is no player whose volume can be set. */
export function groupVolume(volumes: readonly number[]): number | undefined {
  return volumes.length === 0 ? undefined : Math.round(mean(volumes))
}

/** True when every player that can be muted is; undefined when there is none. */
export function groupMuted(muted: readonly boolean[]): boolean | undefined {
  return muted.length === 0 ? undefined : muted.every(Boolean)
}

/**
 * Keeps the ratios of a group's players over a run of changes of its volume: on the way up again from silence, or from
 * where some were already as loud as they go, each is found where it was.
 */
export class VolumeBalance {
  /** Volumes by player, before the run of changes and after the last. */
  #before: ReadonlyMap<string, number> = new Map()
  #after: ReadonlyMap<string, number> = new Map()

  /** Volumes by player so that their mean becomes `requested`. */
  scale(volumes: ReadonlyMap<string, number>, requested: number): ReadonlyMap<string, number> {
    const isRun = volumes.size === this.#after.size && [...volumes].every(([id, is]) => this.#after.get(id) === is)
    if (!isRun) this.#before = volumes
    const scaled = scaleGroupVolume([...this.#before.values()], requested)
    this.#after = new Map([...this.#before.keys()].map((id, index) => [id, scaled[index]!]))
    return this.#after
  }
}

/**
 * The players' new volumes so that their mean becomes `requested` while they keep their ratios as far as 100 allows. What
 * a player at its limit cannot take goes to the others in the same ratios; players at 0 only rise when nobody else can.
 * Whole numbers, in the given order.
 */
export function scaleGroupVolume(volumes: readonly number[], requested: number): number[] {
  const result = [...volumes]
  let free = result.map((_, index) => index)
  let wanted = requested * volumes.length
  for (;;) {
    const sum = free.reduce((total, index) => total + volumes[index]!, 0)
    const proposed = (index: number): number => (sum > 0 ? (volumes[index]! * wanted) / sum : wanted / free.length)
    const tooLoud = new Set(free.filter((index) => volumes[index]! > 0 && proposed(index) > 100))
    if (tooLoud.size === 0) {
      for (const index of free) result[index] = Math.min(proposed(index), 100)
      return result.map(Math.round)
    }
    for (const index of tooLoud) result[index] = 100
    wanted -= 100 * tooLoud.size
    free = free.filter((index) => !tooLoud.has(index))
  }
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
