/** Many seeded worlds on one path, and what the errors were. */
import type { ClockSyncOptions } from '../src/clock-sync.js'
import type { PathTraits } from './path.js'
import { SimulatedWorld } from './simulated-world.js'

export interface Figures {
  /** Absolute errors after every reply from `settledS` on, µs, sorted. */
  readonly settledUs: Float64Array
  /** Absolute errors one second after the first probe, µs, sorted: one per world. */
  readonly firstSecondUs: Float64Array
  /** Replies after which the error exceeded the model's bound. */
  readonly violations: number
  readonly replies: number
  readonly probesPerS: number
  /** Jump of the model from one reply to the next, at the moment of the later, once settled, µs, sorted. */
  readonly stepsUs: Float64Array
}

export function runWorlds(
  path: PathTraits,
  {
    seeds,
    settledS,
    untilS,
    options,
  }: {
    readonly seeds: number
    readonly settledS: number
    readonly untilS: number
    readonly options?: () => Partial<ClockSyncOptions>
  },
): Figures {
  const settledUs: number[] = []
  const firstSecondUs: number[] = []
  const stepsUs: number[] = []
  let violations = 0
  let replies = 0
  let probes = 0
  for (let seed = 1; seed <= seeds; seed++) {
    const world = new SimulatedWorld(seed, path, options?.())
    const check = (): void => {
      replies++
      if (world.dishonestyUs > 0) violations++
      if (world.trueUs < settledS * 1e6) return
      settledUs.push(Math.abs(world.errorUs))
      stepsUs.push(Math.abs(world.modelStepUs))
    }
    world.runUntil(1, check)
    firstSecondUs.push(Math.abs(world.errorUs))
    world.runUntil(untilS, check)
    probes += world.probes
  }
  return {
    settledUs: Float64Array.from(settledUs).sort(),
    firstSecondUs: Float64Array.from(firstSecondUs).sort(),
    stepsUs: Float64Array.from(stepsUs).sort(),
    violations,
    replies,
    probesPerS: probes / seeds / untilS,
  }
}

export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
}
