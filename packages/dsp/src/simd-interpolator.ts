/** The interpolator's inner loop in WebAssembly, four taps at a time: simd-interpolator.wat. */
import type { InterpolatedRun, Interpolator, InterpolatorSize } from './interpolator.js'
import type { ResamplerKernel } from './resampler-kernel.js'
import { simdCode } from './simd-code.js'

/** The parts of WebAssembly that are used, which TypeScript knows only together with a page's or Node's. */
interface Runtime {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
  readonly Module: new (code: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { readonly interpolate: Interpolate } }
  validate(code: Uint8Array): boolean
}

type Interpolate = (
  frames: number,
  rowBytes: number,
  left: number,
  right: number,
  outLeft: number,
  outRight: number,
  position: number,
  ratio: number,
  bend: number,
  gain: number,
  gainSlope: number,
) => void

const pageBytes = 65_536
const sampleBytes = 4

/** Undefined where the engine has no SIMD, a page's policy forbids WebAssembly, or (audio worklets) nothing reads base64. */
export function simdInterpolator(kernel: ResamplerKernel, size: InterpolatorSize): Interpolator | undefined {
  const { WebAssembly: runtime } = globalThis as { readonly WebAssembly?: Runtime }
  if (runtime === undefined || typeof atob === 'undefined') return undefined
  const code = decode(simdCode)
  if (!runtime.validate(code)) return undefined
  const { taps, table } = kernel
  const left = table.byteLength
  const right = left + size.inputFrames * sampleBytes
  const outLeft = right + size.inputFrames * sampleBytes
  const outRight = outLeft + size.outputFrames * sampleBytes
  const end = outRight + size.outputFrames * sampleBytes
  const memory = new runtime.Memory({ initial: Math.ceil(end / pageBytes) })
  const run = instantiate(runtime, code, memory)
  if (run === undefined) return undefined
  const { buffer } = memory
  new Float32Array(buffer).set(table)
  return {
    left: new Float32Array(buffer, left, size.inputFrames),
    right: new Float32Array(buffer, right, size.inputFrames),
    outLeft: new Float32Array(buffer, outLeft, size.outputFrames),
    outRight: new Float32Array(buffer, outRight, size.outputFrames),
    interpolate({ frames, position, ratio, bend, gain, gainSlope }: InterpolatedRun) {
      run(frames, taps * sampleBytes, left, right, outLeft, outRight, position, ratio, bend, gain, gainSlope)
    },
  }
}

function instantiate(runtime: Runtime, code: Uint8Array, memory: object): Interpolate | undefined {
  try {
    return new runtime.Instance(new runtime.Module(code), { host: { memory } }).exports.interpolate
  } catch {
    return undefined // a content security policy without wasm-unsafe-eval
  }
}

function decode(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
