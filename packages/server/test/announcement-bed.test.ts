import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { extendBed, layBed } from '../src/announcement-bed.js'
import { Programme } from '../src/programme.js'
import { blocks, type TestBlock } from './stage.js'

const us = (reading: number) => reading as ServerUs

describe('announcement bed', () => {
  it('is half a second of silence to begin with', () => {
    const programme = new Programme<TestBlock>(48_000, blocks)
    layBed(programme)
    expect(programme.endFrame).to.equal(24_000)
    expect(programme.endsSilent).to.equal(true)
  })

  it('goes on half a second beyond what has to be sent, and no further', () => {
    const programme = new Programme<TestBlock>(48_000, blocks)
    extendBed(programme, us(0), 300_000)
    expect(programme.endFrame).to.equal(0) // nothing is scheduled
    layBed(programme)
    programme.start(us(0))
    extendBed(programme, us(0), 300_000)
    expect(programme.endFrame).to.equal(38_400)
    extendBed(programme, us(0), 300_000)
    expect(programme.endFrame).to.equal(38_400)
  })
})
