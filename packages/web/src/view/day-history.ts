/** The last day of each room, fetched when it is looked at. */
import { signal } from '@preact/signals'
import { getJson } from '../browser/api-link.js'
import type { History, RoomHistory } from '../contract.js'

export const dayHistory = signal<ReadonlyMap<string, RoomHistory>>(new Map())

export function refreshDay(): void {
  void getJson<History>('api/telemetry?span=day')
    .then(({ rooms }) => {
      dayHistory.value = new Map(rooms.map((room) => [room.client, room]))
    })
    .catch(() => undefined) // the next minute tries again; a lost connection is said elsewhere
}
