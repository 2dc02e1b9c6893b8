import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { SessionMemory } from '../src/session-memory.js'
import { SessionOutbox } from '../src/session-outbox.js'
import { settingsDefaults } from '../src/session-settings.js'

function begin() {
  const outbox = new SessionOutbox()
  return { outbox, memory: new SessionMemory(settingsDefaults, outbox) }
}

describe('SessionMemory', () => {
  it('hands out to be stored what has changed, brought within bounds, and tells of loudness', () => {
    const { outbox, memory } = begin()
    memory.set({ volume: 130, outputDelayMs: -4 })
    expect(outbox.take()).to.deep.equal([]) // 100 and 0 is what it was
    memory.set({ volume: 39.6 })
    const settings = { ...settingsDefaults, volume: 40 }
    expect(outbox.take()).to.deep.equal([
      { type: 'save', settings },
      { type: 'event', event: { type: 'volume', volume: 40, muted: false } },
    ])
    memory.set({ outputDelayMs: 250 })
    expect(outbox.take()).to.deep.equal([{ type: 'save', settings: { ...settings, outputDelayMs: 250 } }])
  })

  it('stores nothing twice', () => {
    const { outbox, memory } = begin()
    memory.rememberServer('attic')
    memory.rememberServer('attic')
    memory.rememberPath('attic', undefined, undefined)
    expect(outbox.take().map(({ type }) => type)).to.deep.equal(['save'])
  })

  it('knows the path to each server', () => {
    const { memory } = begin()
    memory.rememberPath('attic', { driftPpm: 3, sigmaPpm: 1 }, undefined)
    memory.rememberPath('cellar', undefined, { guessUs: 20_000, tailUs: 9_000 })
    expect(memory.settings.drifts).to.deep.equal({ attic: { driftPpm: 3, sigmaPpm: 1 } })
    expect(memory.settings.tails).to.deep.equal({ cellar: { guessUs: 20_000, tailUs: 9_000 } })
  })

  it('writes a path down every ten minutes while there is one', () => {
    const { memory } = begin()
    expect(memory.pathDueAt).to.equal(undefined)
    memory.postponePath(5 as LocalUs)
    expect(memory.pathDueAt).to.equal(600_000_005)
    memory.end()
    expect(memory.pathDueAt).to.equal(undefined)
  })
})
