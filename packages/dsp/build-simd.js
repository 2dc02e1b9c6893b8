/** Assembles simd-interpolator.wat into src/simd-code.ts; a test fails when it was forgotten. */
import { readFileSync, writeFileSync } from 'node:fs'
import assembler from 'wabt'

const at = (name) => new URL(name, import.meta.url)
const { parseWat } = await assembler()
const module = parseWat('simd-interpolator.wat', readFileSync(at('simd-interpolator.wat'), 'utf8'), {
  simd: true,
  sat_float_to_int: true,
})
const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64')
const lines = base64.match(/.{1,110}/g).map((line) => `  '${line}'`)
const text = `/** Assembled from simd-interpolator.wat by build-simd.js; do not edit. */
export const simdCode =
${lines.join(' +\n')}
`
writeFileSync(at('src/simd-code.ts'), text)
