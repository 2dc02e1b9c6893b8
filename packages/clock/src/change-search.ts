/**
 * Whether a clock or the path is another since some bin, because that explains all bins since better than no change does:
 * the generalised likelihood ratio test of Willsky and Jones (IEEE Transactions on Automatic Control 21(1), 1976). What is too
 * little for any one bin to show adds up over many.
 *
 * A queue in one direction does so, too: bin after bin is off to the same side, and not by chance each time. So a change of a clock
 * has to explain what was seen better than a queue would that began at any of these bins, of which all added delay is.
 */
import type { EnvelopeBin } from './envelope-bin.js'
import type { OffsetTracker } from './offset-tracker.js'
import { shareSigma } from './path-noise.js'

/** A change is believed when it makes what was seen e to this power as likely. */
const leastEvidence = 8
/** So many bins ago: one alone can be unlucky, and what shows later than that is too slow to matter. */
const binsSince: ReadonlySet<number> = new Set([2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 50])

/** Bins that follow sooner share stalls and queues, and count for as much less. In seconds. */
const independentS = 1

/** Of the rate of a clock that is slewed, by up to ±500 ppm. */
export const slewedDriftSigmaPpm = 300
/** Of a step too small to contradict a bound, and of another path that is as fast. */
const smallStepSigmaUs = 1_000
/** A slew ends within a bin, not where one begins: deviation of the time between, in seconds. */
const endOfSlewSigmaS = 1.2
/** What a crystal's rate has moved by during a slew, besides its random walk: deviation in ppm. */
const usualDriftSigmaPpm = 0.3
/** What lasts longer is no slew: the rate is another. In seconds. */
const longestSlewS = 3600

/**
 * Takes in the bin of this index, and returns the logarithm of how likely it had been. If `isQueued`, one cause has added all delay
 * beyond the fastest path's, and the tracker's share is that cause's.
 */
export type TakeBin = (tracker: OffsetTracker, index: number, isQueued: boolean) => number

export interface Change {
  /** Index of the first bin after it. */
  readonly firstBin: number
  /** What is known at the change: all that the bins before have said, and that something changed. */
  readonly since: OffsetTracker
}

/** The rate before somebody slewed a clock, to which it will return. */
interface UsualRate {
  readonly atS: number
  readonly driftPpm: number
  readonly variance: number
}

/** Of a clock, the `rate` changed, or is the `usualRate` again; or the `offset` did, or the path. */
const kinds = ['rate', 'usualRate', 'offset'] as const
type Kind = (typeof kinds)[number]

export class ChangeSearch {
  #usual: UsualRate | undefined

  /** Says that a clock is slewed since `tracker`'s moment, until when its rate was as the tracker says. */
  slewed(tracker: OffsetTracker): void {
    this.#usual ??= { atS: tracker.atS, driftPpm: tracker.driftPpm, variance: tracker.driftVariance }
  }

  /**
   * The change that explains these bins best, if any does well enough. `start` is what was known before the first of them, `atS`
   * when the last ended.
   */
  find(start: OffsetTracker, bins: readonly EnvelopeBin[], atS: number, take: TakeBin): Change | undefined {
    const unchanged = start.clone()
    const befores = new Map<number, OffsetTracker>()
    const likelihoods = bins.map((_, i) => {
      if (i > 0 && binsSince.has(bins.length - i)) befores.set(i, unchanged.clone())
      return take(unchanged, i, false)
    })
    /** That bins from this one on are as `tracker` says, against nothing having changed. */
    const evidenceOf = (tracker: OffsetTracker, firstBin: number, isQueued: boolean): number => {
      let evidence = 0
      for (let i = firstBin; i < bins.length; i++) evidence += take(tracker, i, isQueued) - likelihoods[i]!
      const binS = (atS - bins[firstBin]!.beganAtS) / (bins.length - firstBin)
      return evidence * Math.min(1, binS / independentS)
    }
    let bestEvidence = leastEvidence
    for (const [firstBin, before] of befores)
      bestEvidence = Math.max(bestEvidence, evidenceOf(behindAQueue(before), firstBin, true))
    let best: { readonly firstBin: number; readonly kind: Kind } | undefined
    for (const [firstBin, before] of befores) {
      for (const kind of kinds) {
        const changed = this.#after(kind, before, bins[firstBin]!.beganAtS)
        if (!changed) continue
        const evidence = evidenceOf(changed, firstBin, false)
        if (evidence <= bestEvidence) continue
        best = { firstBin, kind }
        bestEvidence = evidence
      }
    }
    return best && this.#believe(best.firstBin, best.kind, befores.get(best.firstBin)!, bins[best.firstBin]!.beganAtS)
  }

  #believe(firstBin: number, kind: Kind, before: OffsetTracker, atS: number): Change {
    const since = this.#after(kind, before, atS)!
    if (kind === 'rate') this.slewed(before)
    if (kind === 'usualRate') this.#usual = undefined
    return { firstBin, since }
  }

  /** What is known once this has happened at `atS`; undefined if it cannot have. */
  #after(kind: Kind, before: OffsetTracker, atS: number): OffsetTracker | undefined {
    const tracker = before.clone()
    tracker.moveTo(atS)
    switch (kind) {
      case 'rate':
        tracker.driftVariance += slewedDriftSigmaPpm ** 2
        return tracker
      case 'offset':
        tracker.offsetVariance += smallStepSigmaUs ** 2
        return tracker
      case 'usualRate': {
        if (!this.#usual || atS - this.#usual.atS > longestSlewS) return undefined
        const { driftPpm, variance } = this.#usual
        tracker.offsetVariance += (endOfSlewSigmaS * (driftPpm - tracker.driftPpm)) ** 2
        tracker.takeDrift(driftPpm, variance + usualDriftSigmaPpm ** 2)
        return tracker
      }
    }
  }
}

/** What was known before, and that a queue has begun, in directions not known. */
function behindAQueue(before: OffsetTracker): OffsetTracker {
  const tracker = before.clone()
  tracker.takePath(0, shareSigma ** 2)
  return tracker
}
