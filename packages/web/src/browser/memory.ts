/** What this browser remembers between visits. */

const prefix = 'tutti.'

/** Where storage is forbidden (private windows), everything is as on the first visit. */
export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(prefix + key) ?? undefined
  } catch {
    return undefined
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(prefix + key, value)
  } catch {
    // full, or forbidden: it lasts as long as the page
  }
}
