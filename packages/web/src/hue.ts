/** A colour for anything that has a name: the same every time. */

/** Degrees on the colour wheel (FNV-1a, 32 bits, spread). */
export function hueOf(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return (Math.imul(hash, 0x9e3779b1) >>> 0) % 360
}
