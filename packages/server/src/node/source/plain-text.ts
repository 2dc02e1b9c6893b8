/** Text that does not say how it is encoded, as in lists and in what radio stations say: UTF-8 where it is that, or Latin-1. */
export function decodePlainText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return Buffer.from(bytes).toString('latin1') // which any bytes are
  }
}
