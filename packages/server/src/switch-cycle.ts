/** Where a client goes when it asks for the next group (Sendspin, "Switch command cycle"). */

export interface CycleGroup {
  readonly id: string
  readonly isPlaying: boolean
  /** Clients that are connected. */
  readonly clients: readonly string[]
  /** Of those, the players. */
  readonly players: readonly string[]
}

export interface Switcher {
  readonly id: string
  readonly isPlayer: boolean
  readonly group: string
  /** The group it was in before it became unavailable, while it is still in the solo group it got then. */
  readonly previousGroup: string | undefined
}

/** Moving on to a group of its own, which may have to be made. */
export const ownGroup = Symbol('own group')

/** The next stop; undefined when there is nowhere to go. */
export function nextInCycle(client: Switcher, groups: readonly CycleGroup[]): string | typeof ownGroup | undefined {
  if (client.previousGroup !== undefined && groups.some((group) => group.id === client.previousGroup)) {
    return client.previousGroup
  }
  const isAlone = (group: CycleGroup): boolean => group.clients.every((id) => id === client.id)
  const stops: (string | typeof ownGroup)[] = [
    ...groups.filter((group) => group.isPlaying && group.clients.length > 1),
    ...groups.filter((group) => group.clients.length === 1 && group.players.length === 1 && !isAlone(group)),
  ].map((group) => group.id)
  if (client.isPlayer) stops.push(ownGroup)
  const current = groups.find((group) => group.id === client.group)
  const here = current !== undefined && client.isPlayer && isAlone(current) ? ownGroup : client.group
  const next = stops[(stops.indexOf(here) + 1) % stops.length]
  return next === here ? undefined : next
}
