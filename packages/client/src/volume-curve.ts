/**
 * Amplitude factor, 0 to 1, of a volume from 0 to 100. The exponent 1.5 puts half volume at -9 dB, close to half as
 * loud (10 dB per doubling: ISO 532's sone), and leaves the lower end usable.
 */
export function volumeGain(volume: number): number {
  return (Math.min(100, Math.max(0, volume)) / 100) ** 1.5
}
