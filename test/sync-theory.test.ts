/** docs/sync-theory.md cannot lie about constants: those it lists have these values, and none of the engine's is left out. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const doc = readFileSync(join(root, 'docs/sync-theory.md'), 'utf8')
/** Whose every constant has to be in the document. */
const complete = ['clock/src', 'client/src']

interface Row {
  readonly name: string
  readonly value: string
  readonly file: string
}

const rows: readonly Row[] = [...doc.matchAll(/^\| `(\w+)` \| `([^`]+)` \| `([^`]+)` \| .+ \|$/gm)].map(
  ([, name, value, file]) => ({ name: name!, value: value!, file: file! }),
)

function sourceOf(file: string): string {
  const path = join(root, 'packages', file)
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

/** A constant, or a value in a record of defaults. */
function has(source: string, { name, value }: Row): boolean {
  const literal = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const asConstant = new RegExp(`\\b(?:const|readonly) ${name}(?:: [^=\\n]+)? = ${literal}(?: //.*)?$`, 'm')
  const asDefault = new RegExp(`\\b${name}: ${literal},`)
  return asConstant.test(source) || asDefault.test(source)
}

describe('docs/sync-theory.md', () => {
  it('lists constants with the values they have', () => {
    expect(rows.length).to.be.above(100)
    const wrong = rows.filter((row) => !has(sourceOf(row.file), row))
    const lines = wrong.map(
      ({ name, value, file }) => `${file} has no ${name} = ${value}: update its row and its reason`,
    )
    expect(lines, lines.join('\n')).to.deep.equal([])
  })

  it('gives every constant of the clocks and the engine its reason', () => {
    const missing = complete.flatMap((folder) =>
      readdirSync(join(root, 'packages', folder))
        .filter((name) => name.endsWith('.ts'))
        .flatMap((name) => {
          const file = `${folder}/${name}`
          const constants = sourceOf(file).matchAll(/^(?:export )?const (\w+)(?:: number)? = -?\d[^\n[{(]*$/gm)
          return [...constants].flatMap(([, constant]) =>
            rows.some((row) => row.file === file && row.name === constant) ? [] : [`${file}: ${constant} has no row`],
          )
        }),
    )
    expect(missing, missing.join('\n')).to.deep.equal([])
  })

  it('points at files that exist', () => {
    const links = [...doc.matchAll(/\]\((figures\/[^)]+)\)/g)].map(([, link]) => join(root, 'docs', link!))
    expect(links).to.have.length(2)
    for (const link of links) expect(existsSync(link), link).to.equal(true)
  })
})
