/** Roles a client can play and how the two sides agree on them (Sendspin, "Role Versioning"). */

export const roles = {
  player: 'player@v1',
  controller: 'controller@v1',
  metadata: 'metadata@v1',
  artwork: 'artwork@v1',
  visualizer: 'visualizer@v1',
  color: 'color@v1',
} as const

/** `family@version`; families that start with `_` belong to an application, here `_tutti_…`. */
export type Role = `${string}@v${number}`

/** `player@v1` belongs to `player`, the name its objects carry inside messages. */
export function roleFamily(role: string): string {
  const at = role.indexOf('@')
  return at < 0 ? role : role.slice(0, at)
}

/** At most one version of each family: the first that is implemented, in the client's order of preference. */
export function negotiateRoles(wanted: readonly string[], implemented: readonly Role[]): readonly Role[] {
  const byFamily = new Map<string, Role>()
  for (const name of wanted) {
    const role = implemented.find((candidate) => candidate === name)
    if (role !== undefined && !byFamily.has(roleFamily(role))) byFamily.set(roleFamily(role), role)
  }
  return [...byFamily.values()]
}
