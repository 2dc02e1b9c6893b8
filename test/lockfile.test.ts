/** A clone installs with `npm ci` on every platform, from any registry. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

interface Entry {
  readonly resolved?: string
  readonly link?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Entry>>
}

/** Whether Node would find `name` from the package at `place`. */
function isLocked(name: string, place: string): boolean {
  if (`${place ? `${place}/` : ''}node_modules/${name}` in packages) return true
  const parent = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')))
  return place !== '' && isLocked(name, parent)
}

describe('The lockfile', () => {
  // npm leaves out what the registry it asked does not have, and `npm ci` then refuses the lockfile. Put back the lines
  // that `git diff package-lock.json` shows as gone.
  it('lists the builds for every platform, also those this registry may not have', () => {
    const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !isLocked(name, place)),
    )
    expect(missing).to.deep.equal([])
  })

  it('names no registry', () => {
    const named = Object.values(packages).filter(({ resolved, link }) => resolved !== undefined && !link)
    expect(named).to.deep.equal([])
  })
})
