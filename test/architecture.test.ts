/** The architecture, as a test: which package may import which, who may look at the real world, what is never written. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

/** Each package and those it may import, as drawn in ARCHITECTURE.md. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  clock: [],
  dsp: [],
  protocol: ['clock'],
  codec: ['clock', 'protocol'],
  server: ['clock', 'dsp', 'protocol', 'codec'],
  client: ['clock', 'dsp', 'protocol', 'codec'],
  sim: ['clock', 'dsp', 'protocol', 'codec', 'server', 'client'],
  web: ['clock', 'protocol', 'codec', 'server', 'client'],
  tutti: ['clock', 'dsp', 'protocol', 'codec', 'server', 'client', 'sim', 'web'],
}
/** Of these, types only: the page says the server's words, and runs none of its code. */
const mayImportTypesOf: Readonly<Record<string, readonly string[]>> = { web: ['server'] }
/** Where the real world is bound; the program is nothing else. */
const adapterFolder = /^packages\/(?:tutti\/|[^/]+\/src\/(?:node|browser|view|start)\/)/

const ambient =
  /\bDate\.now\b|\bnew Date\b|\bperformance\.|\bMath\.random\b|\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b|\bconsole\.|\bprocess\.|\bcrypto\.(?:random|getRandom)|\bfetch\(|\bawait import\(/
const worldModules = /^(?:node:.*|ws|koffi|atomically|bonjour-service|speaker|worker_threads)$/
const drawers = /^(?:utils?|types|managers?|helpers?|common|misc)$/
const untyped = /(?:[:<,|&(=]|\bas)\s*any\b(?!\s*[:(])/

interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** What is wrong with one file of `packages/<owner>/src` or `packages/<owner>/test`; empty when nothing is. */
function findFaults({ path, text }: SourceFile): readonly string[] {
  const [, owner = '', side = ''] = path.split('/')
  const inCode = withoutComments(text)
  const isAdapter = adapterFolder.test(path)
  const isCore = side === 'src' && !isAdapter
  const faults: string[] = []

  for (const name of path.split('/')) {
    if (drawers.test(name.replace(/(?:\.test)?\.tsx?$/, ''))) faults.push(`"${name}" is a drawer, not a noun`)
  }
  for (const module of importsOf(inCode)) {
    const [, target = '', entry] = /^@tutti\/([^/]+)(?:\/(.+))?$/.exec(module) ?? []
    if (target === owner && side === 'src') faults.push(`imports its own package by name: ${module}`)
    else if (target && target !== owner && !mayImport[owner]?.includes(target))
      faults.push(`${owner} must not import ${module}`)
    if (side === 'src' && mayImportTypesOf[owner]?.includes(target) && importsCode(inCode, module))
      faults.push(`${owner} may import types of ${module} only`)
    if (isCore && entry) faults.push(`a core imports an adapter: ${module}`)
    if (isCore && worldModules.test(module)) faults.push(`a core imports the real world: ${module}`)
    if (module.startsWith('.')) {
      const target = posix.join(posix.dirname(path), module)
      if (!target.startsWith(`packages/${owner}/`) && !target.startsWith('types/'))
        faults.push(`reaches into another package: ${module}`)
      if (isCore && adapterFolder.test(target)) faults.push(`a core imports an adapter: ${module}`)
    }
  }
  const ambientUse = isCore ? ambient.exec(withoutStrings(inCode)) : null
  if (ambientUse) faults.push(`a core looks at the real world: ${ambientUse[0]}`)
  if (untyped.test(withoutStrings(inCode))) faults.push('gives up on types: any')
  if (/\/index\.ts$/.test(path) && /\bexport \*/.test(inCode))
    faults.push('an index lists what it exports: no export *')
  return faults
}

/**
 * Folders of one package that import each other in a circle, as `a → b → a`; undefined when there is none. A folder may
 * use what lies around it: arrows to a folder that contains it do not count.
 */
function findFolderCycle(files: readonly SourceFile[]): string | undefined {
  const arrows = new Map<string, Set<string>>()
  for (const { path, text } of files) {
    const from = posix.dirname(path)
    for (const module of importsOf(withoutComments(text))) {
      if (!module.startsWith('.')) continue
      const to = posix.dirname(posix.join(from, module))
      if (!`${from}/`.startsWith(`${to}/`)) arrows.set(from, (arrows.get(from) ?? new Set()).add(to))
    }
  }
  const finished = new Set<string>()
  const follow = (folder: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(folder)) return [...trail.slice(trail.indexOf(folder)), folder].join(' → ')
    if (finished.has(folder)) return undefined
    for (const next of arrows.get(folder) ?? []) {
      const cycle = follow(next, [...trail, folder])
      if (cycle) return cycle
    }
    finished.add(folder)
    return undefined
  }
  for (const folder of arrows.keys()) {
    const cycle = follow(folder, [])
    if (cycle) return cycle
  }
  return undefined
}

function importsOf(code: string): readonly string[] {
  const statements = code.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)
  return [...statements].map(([, module]) => module!)
}

function importsCode(code: string, module: string): boolean {
  const statements = code.matchAll(/\b(?:import|export)\s+(?!type\b)[^;'"]*?from\s*['"]([^'"]+)['"]/g)
  return [...statements].some(([, from]) => from === module)
}

const stringOrComment = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g

function withoutComments(text: string): string {
  return text.replace(stringOrComment, (part) => (part.startsWith('/') ? ' ' : part))
}

/** Template literals stay: what is inside their `${}` is code. */
function withoutStrings(code: string): string {
  return code.replace(stringOrComment, (part) => (/^['"]/.test(part) ? "''" : part))
}

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

function readSources(folder: string): readonly SourceFile[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

describe('Architecture', () => {
  it('has every package on its map', () => {
    const packages = readdirSync(join(root, 'packages')).filter((name) =>
      existsSync(join(root, 'packages', name, 'src')),
    )
    expect(Object.keys(mayImport)).to.include.members(packages)
  })

  for (const owner of Object.keys(mayImport).filter((name) => existsSync(join(root, 'packages', name)))) {
    const folder = `packages/${owner}`

    describe(owner, () => {
      it('keeps to its place on the map and to its inputs', () => {
        const files = [...readSources(`${folder}/src`), ...readSources(`${folder}/test`)]
        expect(files).to.not.be.empty
        const faults = files.flatMap((file) => findFaults(file).map((fault) => `${file.path}: ${fault}`))
        expect(faults, faults.join('\n')).to.deep.equal([])
      })

      it('has no circle of folders', () => {
        expect(findFolderCycle(readSources(`${folder}/src`))).to.equal(undefined)
      })

      it('declares no package it may not import', () => {
        const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
        const ours = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('@tutti/'))
        expect(mayImport[owner]).to.include.members(ours.map((name) => name.slice('@tutti/'.length)))
      })

      it('says in a README what it is for', () => {
        const readme = join(root, folder, 'README.md')
        expect(existsSync(readme), `${folder}/README.md is missing`).to.equal(true)
        expect(readFileSync(readme, 'utf8')).to.match(/^# .+\n\n\S/)
      })
    })
  }

  describe('is able to fail:', () => {
    const faultsOf = (path: string, text: string) => findFaults({ path, text })
    const bad: readonly (readonly [what: string, path: string, text: string])[] = [
      ['an arrow that turns back', 'packages/clock/src/a.ts', "import { drive } from '@tutti/protocol'"],
      ['server meeting client', 'packages/server/src/node/a.ts', "import type { Plan } from '@tutti/client'"],
      [
        'a core using an adapter of another package',
        'packages/sim/src/a.ts',
        "import { serve } from '@tutti/server/node'",
      ],
      ['the page running code of the server', 'packages/web/src/a.ts', "import { Deck } from '@tutti/server'"],
      ['a core using its own adapter', 'packages/client/src/a.ts', "export { x } from './node/x.js'"],
      ['a way round the front door', 'packages/client/src/a.ts', "import { x } from '../../clock/src/x.js'"],
      ['ambient time', 'packages/clock/src/a.ts', 'export const now = () => performance.now()'],
      ['ambient chance', 'packages/sim/src/a.ts', 'const x = [Math.random()]'],
      ['a timer', 'packages/server/src/a.ts', 'setTimeout(run, 5)'],
      ['a socket in a core', 'packages/protocol/src/a.ts', "import { WebSocket } from 'ws'"],
      ['a module of Node in a core', 'packages/codec/src/a.ts', "const fs = await import('node:fs')"],
      ['a console in a core', 'packages/server/src/a.ts', 'console.log(1)'],
      ['a drawer', 'packages/client/src/utils.ts', ''],
      ['a folder of helpers', 'packages/client/test/helpers/a.ts', ''],
      ['any', 'packages/tutti/src/a.ts', 'export const f = (x: any) => x'],
      ['any inside a generic', 'packages/tutti/src/a.ts', 'const m = new Map<string, any>()'],
      ['an unlisted export', 'packages/clock/src/index.ts', "export * from './reading.js'"],
    ]
    for (const [what, path, text] of bad) {
      it(`notices ${what}`, () => expect(faultsOf(path, text)).to.have.length.greaterThan(0))
    }

    it('does not mind words in comments and strings', () => {
      const text = "// setTimeout, any\n/** Math.random */ export const hint = 'never console.log: any'"
      expect(faultsOf('packages/clock/src/a.ts', text)).to.deep.equal([])
    })

    it('lets adapters touch the world', () => {
      const text = "import { readFile } from 'node:fs/promises'\nsetTimeout(() => console.log(Date.now()), 1)"
      expect(faultsOf('packages/server/src/node/a.ts', text)).to.deep.equal([])
    })

    it('notices two folders that import each other', () => {
      const files = [
        { path: 'packages/x/src/a/one.ts', text: "import '../b/two.js'" },
        { path: 'packages/x/src/b/two.ts', text: "import type { One } from '../a/one.js'" },
      ]
      expect(findFolderCycle(files)).to.equal('packages/x/src/a → packages/x/src/b → packages/x/src/a')
    })
  })
})
