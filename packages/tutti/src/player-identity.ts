/** Who a player is to the servers it meets: the same after every restart, and nobody else. */
import { hostname, networkInterfaces } from 'node:os'

/** Made of the machine's hardware address, so that two machines of one name differ, and the name of the room. */
export function playerId(name: string): string {
  const addresses = Object.values(networkInterfaces()).flatMap((interfaces) => interfaces ?? [])
  const hardware = addresses.find(({ internal, mac }) => !internal && mac !== '00:00:00:00:00:00')?.mac
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return `tutti-${hardware?.replaceAll(':', '') ?? hostname()}-${slug || 'room'}`
}
