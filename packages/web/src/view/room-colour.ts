/** Each room's colour in every picture: chosen once, in the order rooms are met, so that neighbours differ. */

const colours = [1, 2, 3, 4, 5, 6, 7, 8] as const
const chosen = new Map<string, number>()

/** A CSS colour that suits the theme. */
export function roomColour(client: string): string {
  const index = chosen.get(client) ?? chosen.size % colours.length
  chosen.set(client, index)
  return `var(--room-${colours[index]})`
}
