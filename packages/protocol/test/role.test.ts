import { expect } from 'chai'
import { negotiateRoles, type Role, roleFamily, roles } from '../src/index.js'

describe('negotiateRoles', () => {
  const implemented: readonly Role[] = ['player@v1', 'player@v2', 'controller@v1', '_tutti_telemetry@v1']

  it('takes one version of each family, the first the client prefers', () => {
    expect(negotiateRoles(['player@v3', 'player@v2', 'player@v1', 'controller@v1'], implemented)).to.deep.equal([
      'player@v2',
      'controller@v1',
    ])
  })

  it('never activates what was not asked for or is not implemented', () => {
    expect(negotiateRoles(['lamp@v1', 'player', ''], implemented)).to.deep.equal([])
  })

  it('treats an application’s own roles like any other', () => {
    expect(negotiateRoles(['_tutti_telemetry@v1'], implemented)).to.deep.equal(['_tutti_telemetry@v1'])
  })
})

describe('roleFamily', () => {
  it('is the name that objects carry in messages', () => {
    expect(roleFamily(roles.player)).to.equal('player')
    expect(roleFamily('_tutti_telemetry@v1')).to.equal('_tutti_telemetry')
    expect(roleFamily('player')).to.equal('player')
  })
})
