import { expect } from 'chai'
import { SpreadRecord } from '../src/spread-record.js'

function record(spreadsUs: readonly number[]): SpreadRecord {
  const made = new SpreadRecord()
  for (const [i, spreadUs] of spreadsUs.entries()) made.add(i * 250_000, spreadUs)
  return made
}

describe('SpreadRecord', () => {
  it('settles when the spread has stayed below a millisecond for a second, and counts from there', () => {
    const { settleS, spreadUs, instants } = record([9000, 900, 3000, 400, 300, 200, 100, 50, 40]).summary
    expect(settleS).to.equal(0.75)
    expect(instants).to.equal(6)
    expect(spreadUs).to.deep.equal({ p50: 100, p95: 400, p99: 400, max: 400 })
  })

  it('keeps counting what goes wrong after settling', () => {
    const { settleS, spreadUs } = record([10, 10, 10, 10, 10, 5000, 10, 10]).summary
    expect(settleS).to.equal(0)
    expect(spreadUs!.max).to.equal(5000)
  })

  it('says nothing when the rooms never were in step', () => {
    const nothing = { settleS: undefined, spreadUs: undefined, instants: 0 }
    expect(record([]).summary).to.deep.equal(nothing)
    expect(record([10, 10, 2000, 10, 10]).summary).to.deep.equal(nothing)
  })
})
