/**
 * What each package promises to others, against the list in `public-api.json`: so that growth is seen in a diff. After
 * a change that is meant: `npm run build && npm run update:api`, and commit the list with the change.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect } from 'chai'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const listPath = join(root, 'test/public-api.json')

interface EntryPoint {
  /** What an importer writes. */
  readonly specifier: string
  readonly source: string
  readonly built: string
}

const entryPoints: readonly EntryPoint[] = readdirSync(join(root, 'packages')).flatMap((name) => {
  const folder = join(root, 'packages', name)
  return [
    { specifier: `@tutti/${name}`, source: join(folder, 'src/index.ts'), built: join(folder, 'dist/src/index.js') },
    {
      specifier: `@tutti/${name}/node`,
      source: join(folder, 'src/node/index.ts'),
      built: join(folder, 'dist/src/node/index.js'),
    },
  ].filter(({ source }) => existsSync(source))
})

/** Names an index exports, types marked as such, sorted; an index is nothing but lists, so reading it is enough. */
function listExports(index: string): readonly string[] {
  const names: string[] = []
  for (const [, typeOnly, list] of index.matchAll(/\bexport\s+(type\s+)?\{([^}]*)\}/g)) {
    for (const item of list!.split(',').map((part) => part.trim())) {
      if (!item) continue
      const name = item.replace(/^type\s+/, '').replace(/^.*\sas\s+/, '')
      names.push(typeOnly || item.startsWith('type ') ? `type ${name}` : name)
    }
  }
  return names.sort()
}

function isType(name: string): boolean {
  return name.startsWith('type ')
}

describe('Public API', () => {
  const actual = Object.fromEntries(
    entryPoints.map(({ specifier, source }) => [specifier, listExports(readFileSync(source, 'utf8'))]),
  )
  if (process.env.UPDATE_PUBLIC_API) writeFileSync(listPath, `${JSON.stringify(actual, null, 2)}\n`)
  const committed: Record<string, readonly string[]> = JSON.parse(readFileSync(listPath, 'utf8'))

  it('has the entry points in the committed list', () => {
    expect(Object.keys(actual).sort()).to.deep.equal(Object.keys(committed).sort())
  })

  for (const { specifier, built } of entryPoints) {
    it(`${specifier} exports exactly what the committed list says`, () => {
      const added = actual[specifier]!.filter((name) => !committed[specifier]?.includes(name))
      const removed = committed[specifier]?.filter((name) => !actual[specifier]!.includes(name)) ?? []
      const message = `new: ${added.join(', ') || 'none'}; gone: ${removed.join(', ') || 'none'}; if this is meant, run npm run update:api and commit test/public-api.json`
      expect({ added, removed }, message).to.deep.equal({ added: [], removed: [] })
    })

    it(`${specifier} as built has the values its source lists`, async () => {
      const values = Object.keys(await import(pathToFileURL(built).href)).sort()
      expect(values).to.deep.equal(actual[specifier]!.filter((name) => !isType(name)))
    })
  }

  it('reads lists of values, types and renamed names', () => {
    const index = "export { a, type B, c as d } from './x.js'\nexport type { E } from './y.js'\n"
    expect(listExports(index)).to.deep.equal(['a', 'd', 'type B', 'type E'])
  })
})
