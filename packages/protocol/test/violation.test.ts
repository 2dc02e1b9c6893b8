import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { conductFor, conducts, ProtocolError, type ViolationCode } from '../src/index.js'

const codes = Object.keys(conducts) as ViolationCode[]

describe('the table of violations', () => {
  it('gives every closing a code an application may use, and nothing else one', () => {
    for (const code of codes) {
      const { action, closeCode } = conductFor(code)
      if (action === 'close') expect(closeCode, code).to.be.within(4000, 4999)
      else expect(closeCode, code).to.equal(undefined)
    }
  })

  it('has reasons that fit into a close frame', () => {
    for (const code of codes) expect(Buffer.byteLength(conductFor(code).reason), code).to.be.within(5, 123)
  })

  it('is the one in the README', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').replaceAll(/ +/g, ' ')
    const rows = codes.map((code) => {
      const { action, closeCode, reason } = conductFor(code)
      return `| \`${code}\` | ${action}${closeCode === undefined ? '' : ` ${closeCode}`} | ${reason} |`
    })
    expect(readme).to.include(rows.join('\n'))
  })
})

describe('ProtocolError', () => {
  it('carries the code that says what follows', () => {
    const error = new ProtocolError('client-replaced')
    expect(error).to.include({
      code: 'client-replaced',
      message: 'client-replaced: the same client_id connected again',
    })
  })
})
