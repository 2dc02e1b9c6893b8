import { expect } from 'chai'
import { parsePlayerConfig, playerDefaults } from '../src/player-config.js'

describe('parsePlayerConfig', () => {
  it('needs a name and an id, and fills in the rest', () => {
    expect(parsePlayerConfig({ clientId: 'k', name: 'Kitchen' })).to.deep.equal({
      config: { ...playerDefaults, clientId: 'k', name: 'Kitchen' },
    })
  })

  it('fills in the rest of a group, too', () => {
    const parsed = parsePlayerConfig({ clientId: 'k', name: 'K', decodePump: { aheadMs: 500 } })
    expect(parsed).to.have.nested.property('config.decodePump.aheadMs', 500)
    expect(parsed).to.have.nested.property('config.decodePump.chunksPerRun', playerDefaults.decodePump.chunksPerRun)
  })

  it('accepts its own defaults', () => {
    expect(parsePlayerConfig({ ...playerDefaults, clientId: 'k', name: 'K' })).to.have.property('config')
  })

  it('reports everything that is wrong, with its path', () => {
    const parsed = parsePlayerConfig({
      name: '',
      decodePump: { aheadMs: 'long' },
      reconnect: { fistMs: 1 },
      formats: [{ codec: 'opus', sampleRate: 48_000, channels: 2, bitDepth: 16 }],
    })
    expect(parsed).to.have.property('problems')
    const problems = 'problems' in parsed ? parsed.problems : []
    for (const path of ['clientId', 'name', 'decodePump.aheadMs', 'reconnect.fistMs', 'formats']) {
      expect(
        problems.some((line) => line.startsWith(`${path}: `)),
        path,
      ).to.equal(true)
    }
    expect(problems).to.include('formats: needs flac or pcm: servers may lack opus')
  })

  it('refuses a buffer smaller than what the server is promised', () => {
    const parsed = parsePlayerConfig({ clientId: 'k', name: 'K', bufferCapacityBytes: 6_000_000 })
    expect(parsed).to.deep.equal({
      problems: ['jitterBuffer.capacityBytes: holds less than bufferCapacityBytes promises'],
    })
  })
})
