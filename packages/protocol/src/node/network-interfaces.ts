/** The IPv4 networks this machine is on. */
import { networkInterfaces } from 'node:os'

export interface Ipv4Interface {
  readonly address: string
  readonly netmask: string
}

/** A machine full of containers has dozens, none of which leads to a room. */
const maxInterfaces = 16

/** Every outward interface once; the loopback when there is none, so that one machine alone still works. */
export function ipv4Interfaces(): readonly Ipv4Interface[] {
  const all = Object.values(networkInterfaces()).flatMap(
    (addresses) => (addresses ?? []).filter(({ family }) => family === 'IPv4').slice(0, 1), // one membership an interface is allowed
  )
  const outward = all.filter(({ internal }) => !internal)
  return (outward.length > 0 ? outward : all).slice(0, maxInterfaces)
}

/** The address to reach a peer at: one in a network we are on, else the one its answer came from, else any. */
export function reachableAddress(
  addresses: readonly string[],
  answeredFrom: string | undefined,
  interfaces: readonly Ipv4Interface[],
): string | undefined {
  const candidates = addresses.filter((address) => toUint32(address) !== undefined).sort()
  return (
    candidates.find((address) => interfaces.some((own) => sameNetwork(address, own))) ?? answeredFrom ?? candidates[0]
  )
}

function sameNetwork(address: string, own: Ipv4Interface): boolean {
  const [theirs, ours, mask] = [toUint32(address), toUint32(own.address), toUint32(own.netmask)]
  if (theirs === undefined || ours === undefined || mask === undefined) return false
  return ((theirs ^ ours) & mask) === 0
}

/** Undefined for anything but dotted IPv4. */
function toUint32(address: string): number | undefined {
  const bytes = /^\d{1,3}(\.\d{1,3}){3}$/.test(address) ? address.split('.').map(Number) : []
  if (bytes.length !== 4 || bytes.some((byte) => byte > 255)) return undefined
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0)
}
