/**
 * What a handful of neighbouring exchanges say together. The fastest request and the fastest reply are rarely of the same
 * exchange, so each direction keeps its own best: the lowest upper limit and the highest lower limit, both seen along a
 * line of the drift assumed (the one-way envelopes of Moon, Skelly and Towsley, INFOCOM 1999).
 */
export interface EnvelopeBin {
  /** Local time, in seconds, at which the offset was at most `highestUs`. */
  highestAtS: number
  highestUs: number
  /** Local time, in seconds, at which the offset was at least `lowestUs`. */
  lowestAtS: number
  lowestUs: number
  exchanges: number
  beganAtS: number
  /** Of this bin and its neighbours, the least `halfWidthUs`: how fast the path can be around this time. */
  levelUs: number
}

export function emptyBin(beganAtS: number): EnvelopeBin {
  return {
    highestAtS: beganAtS,
    highestUs: Number.POSITIVE_INFINITY,
    lowestAtS: beganAtS,
    lowestUs: Number.NEGATIVE_INFINITY,
    exchanges: 0,
    beganAtS,
    levelUs: Number.POSITIVE_INFINITY,
  }
}

/** Takes in an exchange that began at `beganAtS` and ended at `endedAtS`. */
export function widenBin(
  bin: EnvelopeBin,
  driftPpm: number,
  beganAtS: number,
  highestUs: number,
  endedAtS: number,
  lowestUs: number,
): void {
  if (highestUs - driftPpm * (beganAtS - bin.highestAtS) < bin.highestUs) {
    bin.highestUs = highestUs
    bin.highestAtS = beganAtS
  }
  if (lowestUs - driftPpm * (endedAtS - bin.lowestAtS) > bin.lowestUs) {
    bin.lowestUs = lowestUs
    bin.lowestAtS = endedAtS
  }
  bin.exchanges++
}

/** The moment halfway between the two limits, in seconds. */
export function middleS(bin: EnvelopeBin): number {
  return (bin.highestAtS + bin.lowestAtS) / 2
}

/** The offset at `middleS`, in microseconds, if the fastest of each direction were equally fast. */
export function middleUs(bin: EnvelopeBin): number {
  return (bin.highestUs + bin.lowestUs) / 2 // the drift from one limit to the middle undoes that from the middle to the other
}

/** Half of the fastest request plus half of the fastest reply, in microseconds: how far the truth may be from `middleUs`. */
export function halfWidthUs(bin: EnvelopeBin, driftPpm: number): number {
  return (bin.highestUs - bin.lowestUs - driftPpm * (bin.highestAtS - bin.lowestAtS)) / 2
}
