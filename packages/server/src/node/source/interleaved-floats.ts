/** Interleaved little-endian 32-bit floats, whole frames of them, as one array per channel. */
export function readFloats(bytes: Uint8Array, channels: number): readonly Float32Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = bytes.length / (4 * channels)
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(length)
    for (let i = 0, at = channel * 4; i < length; i++, at += channels * 4) samples[i] = view.getFloat32(at, true)
    return samples
  })
}
