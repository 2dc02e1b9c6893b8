/** What rooms reported before this page was opened, and the whole day; fetched when it is looked at. */
import { signal } from '@preact/signals'
import { getJson } from '../browser/api-link.js'
import type { History, RoomHistory, Span } from '../contract.js'

type ByRoom = ReadonlyMap<string, RoomHistory>

export const past = { minutes: signal<ByRoom>(new Map()), day: signal<ByRoom>(new Map()) }

export function refreshPast(span: Span): void {
  void getJson<History>(`api/telemetry?span=${span}`)
    .then(({ rooms }) => {
      past[span].value = new Map(rooms.map((room) => [room.client, room]))
    })
    .catch(() => undefined) // the next time tries again; a lost connection is said elsewhere
}

/** `earlier` as far as `later` does not cover it, then `later`. */
export function joinHistories(earlier: RoomHistory | undefined, later: RoomHistory): RoomHistory {
  const from = later.at[0] ?? Number.POSITIVE_INFINITY
  const end = earlier?.at.findIndex((at) => at >= from) ?? 0
  const kept = end < 0 ? earlier!.at.length : end
  if (earlier === undefined || kept === 0) return later
  const join = <Value>(a: readonly Value[], b: readonly Value[]): readonly Value[] => [...a.slice(0, kept), ...b]
  return {
    client: later.client,
    at: join(earlier.at, later.at),
    lateUs: join(earlier.lateUs, later.lateUs),
    lowestUs: join(earlier.lowestUs, later.lowestUs),
    highestUs: join(earlier.highestUs, later.highestUs),
    driftPpm: join(earlier.driftPpm, later.driftPpm),
    roundTripUs: join(earlier.roundTripUs, later.roundTripUs),
    bufferedMs: join(earlier.bufferedMs, later.bufferedMs),
    dropouts: join(earlier.dropouts, later.dropouts),
  }
}
