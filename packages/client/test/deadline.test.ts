import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { earliest, isDue } from '../src/deadline.js'

const us = (reading: number) => reading as LocalUs

describe('deadline', () => {
  it('is the first of those that will come', () => {
    expect(earliest(us(7), undefined, us(-3), us(5))).to.equal(-3)
    expect(earliest(undefined, undefined)).to.equal(undefined)
    expect(earliest()).to.equal(undefined)
  })

  it('is due from its instant on, and never where there is none', () => {
    expect(isDue(us(5), us(4))).to.equal(false)
    expect(isDue(us(5), us(5))).to.equal(true)
    expect(isDue(us(Number.NEGATIVE_INFINITY), us(0))).to.equal(true)
    expect(isDue(undefined, us(1e15))).to.equal(false)
  })
})
