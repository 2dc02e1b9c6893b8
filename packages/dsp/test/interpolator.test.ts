import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import assembler from 'wabt'
import { type Interpolator, scalarInterpolator } from '../src/interpolator.js'
import { ResamplerKernel } from '../src/resampler-kernel.js'
import { simdCode } from '../src/simd-code.js'
import { simdInterpolator } from '../src/simd-interpolator.js'

const size = { inputFrames: 2_600, outputFrames: 512 }

function fill({ left, right }: Interpolator): void {
  for (let i = 0; i < left.length; i++) {
    left[i] = Math.sin(i * 0.31)
    right[i] = Math.cos(i * i * 0.002)
  }
}

describe('Interpolator', () => {
  for (const stretch of [1, 1.8375, 4])
    it(`computes with SIMD what plain arithmetic does, to the rounding of Float32, at stretch ${stretch}`, () => {
      const kernel = new ResamplerKernel(stretch)
      const [simd, scalar] = [simdInterpolator(kernel, size)!, scalarInterpolator(kernel, size)]
      fill(simd)
      fill(scalar)
      const run = { frames: 512, position: 0.83, ratio: stretch, bend: 2e-7, gain: 0.2, gainSlope: 1e-3 }
      simd.interpolate(run)
      scalar.interpolate(run)
      for (let i = 0; i < run.frames; i++) {
        expect(simd.outLeft[i]).to.be.closeTo(scalar.outLeft[i]!, 5e-7)
        expect(simd.outRight[i]).to.be.closeTo(scalar.outRight[i]!, 5e-7)
      }
    })

  it('leaves output beyond the run alone, and survives a position that is no number', () => {
    const simd = simdInterpolator(new ResamplerKernel(1), size)!
    simd.outLeft.fill(7)
    simd.interpolate({ frames: 3, position: Number.NaN, ratio: 1, bend: 0, gain: 1, gainSlope: 0 })
    expect([...simd.outLeft.subarray(3)]).to.deep.equal(Array(509).fill(7))
  })

  it('goes without SIMD where there is no WebAssembly', () => {
    const { WebAssembly: runtime } = globalThis as { WebAssembly?: unknown }
    try {
      ;(globalThis as { WebAssembly?: unknown }).WebAssembly = undefined
      expect(simdInterpolator(new ResamplerKernel(1), size)).to.equal(undefined)
    } finally {
      ;(globalThis as { WebAssembly?: unknown }).WebAssembly = runtime
    }
  })

  it('runs what simd-interpolator.wat says (else: node packages/dsp/build-simd.js)', async () => {
    const { parseWat } = await assembler()
    const source = readFileSync(new URL('../../simd-interpolator.wat', import.meta.url), 'utf8')
    const module = parseWat('simd-interpolator.wat', source, { simd: true, sat_float_to_int: true })
    expect(simdCode).to.equal(Buffer.from(module.toBinary({}).buffer).toString('base64'))
  })
})
