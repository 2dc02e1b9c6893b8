import { expect } from 'chai'
import { StepRecord } from '../src/step-record.js'

/** Looks twice a second at what each letter says: in step, silent or apart. The trial ends with the second look. */
function record(states: string): { steps: StepRecord; atS: number } {
  const steps = new StepRecord()
  const names = { i: 'in step', s: 'silent', a: 'apart' } as const
  const looks = [...states]
  for (const [n, state] of looks.entries()) steps.look(names[state as keyof typeof names], 0.5, n / 2)
  return { steps, atS: (looks.length - 1) / 2 }
}

describe('StepRecord', () => {
  it('calls rooms steady that have been in step for 5 s', () => {
    const almost = record(`s${'i'.repeat(10)}`)
    expect(almost.steps.isSteady(almost.atS)).to.equal(false)
    const steady = record(`s${'i'.repeat(11)}`)
    expect(steady.steps.isSteady(steady.atS)).to.equal(true)
    expect(steady.steps.inStepSinceS).to.equal(0.5)
  })

  it('remembers that they had recovered since the end of the trial', () => {
    expect(record(`${'i'.repeat(11)}s`).steps.recoveredAtS).to.equal(undefined)
    expect(record(`${'i'.repeat(12)}s`).steps.recoveredAtS).to.equal(0.5)
    const { steps } = record(`${'i'.repeat(12)}s`)
    steps.restart()
    expect(steps.recoveredAtS).to.equal(undefined)
  })

  it('says how long it was silent, and nothing where they were apart as well', () => {
    const still = record('iisss')
    expect(still.steps.silenceS(still.atS)).to.equal(1)
    expect(still.steps.wrongSinceS).to.equal(1)
    const over = record('iisssiii')
    expect(over.steps.silenceS(over.atS)).to.equal(1.5)
    const apart = record('iissa')
    expect(apart.steps.silenceS(apart.atS)).to.equal(undefined)
    const before = record('iiassi')
    expect(before.steps.silenceS(before.atS)).to.equal(undefined)
  })
})
