import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { WakePlan } from '../src/wake-plan.js'

const us = (reading: number) => reading as ServerUs

describe('WakePlan', () => {
  it('looks at its pace, sooner where something is due', () => {
    const plan = new WakePlan(250)
    plan.look(us(1_000))
    expect(plan.wakeAt).to.equal(251_000)
    plan.comeBack(us(400_000), us(1_000))
    plan.comeBack(undefined, us(1_000))
    expect(plan.wakeAt).to.equal(251_000)
    plan.comeBack(us(90_000), us(1_000))
    expect(plan.wakeAt).to.equal(90_000)
  })

  it('looks at once where something has come', () => {
    const plan = new WakePlan(250)
    expect(plan.wakeAt).to.equal(undefined)
    plan.hurry(us(5_000))
    expect(plan.wakeAt).to.equal(5_000)
    plan.hurry(us(9_000))
    expect(plan.wakeAt).to.equal(5_000)
  })

  it('does not spin for what is due and does not come', () => {
    const plan = new WakePlan(250)
    plan.look(us(10_000))
    plan.comeBack(us(3_000), us(10_000))
    expect(plan.wakeAt).to.equal(12_000)
  })

  it('plans nothing before anything has happened', () => {
    const plan = new WakePlan(250)
    plan.comeBack(us(3_000), us(1_000))
    expect(plan.wakeAt).to.equal(undefined)
  })
})
