/** Rivals side by side: each plays the same houses. */
import { Distribution, type Percentiles } from '../distribution.js'
import type { LinkPreset } from '../link-presets.js'
import type { Rival } from './rival.js'
import { RivalHouse, type RivalSettings } from './rival-house.js'

export interface RivalComparison extends Omit<RivalSettings, 'seed'> {
  /** Each is a house with other networks; figures are of all of them together. */
  readonly seeds: readonly number[]
}

export interface RivalRow {
  readonly rival: string
  readonly network: LinkPreset
  /** From the earliest to the latest room, in µs. */
  readonly spreadUs: Percentiles
  /** Single samples dropped or repeated, per room and minute. */
  readonly slipsPerMinute: number
  /** Steps of more than a quarter of a millisecond, per room and hour. */
  readonly jumpsPerHour: number
  /** Silences within the music, per room and hour. */
  readonly gapsPerHour: number
  /** The longest of all seeds, from when the music was due, in seconds; undefined if one never was in step. */
  readonly settleS: number | undefined
}

export function compareRivals(rivals: readonly Rival[], comparison: RivalComparison): RivalRow[] {
  return rivals.map((rival) => {
    const { seeds, hours, cpuPpm, network } = comparison
    const spread = new Distribution()
    const total = { slips: 0, jumps: 0, gaps: 0 }
    let settleS: number | undefined = 0
    let maxUs = 0
    for (const seed of seeds) {
      const house = new RivalHouse(rival, { ...comparison, seed })
      house.runUntil(hours * 3600)
      for (const { from, to, count } of house.listener.spread.histogram())
        for (let i = 0; i < count; i++) spread.add((from + to) / 2)
      maxUs = Math.max(maxUs, house.listener.spread.max)
      total.slips += house.slips
      total.jumps += house.breaks.jumps
      total.gaps += house.breaks.gaps
      settleS = settleS === undefined || house.settleS === undefined ? undefined : Math.max(settleS, house.settleS)
    }
    const roomHours = seeds.length * hours * cpuPpm.length
    return {
      rival: rival.name,
      network,
      spreadUs: { ...spread.percentiles, max: maxUs },
      slipsPerMinute: total.slips / (roomHours * 60),
      jumpsPerHour: total.jumps / roomHours,
      gapsPerHour: total.gaps / roomHours,
      settleS,
    }
  })
}
