import type { ServerUs } from '@tutti/clock'
import type { AudioFormat } from '@tutti/protocol'
import { expect } from 'chai'
import { PlacedAnnouncement } from '../src/announcement.js'
import { EncodingPool } from '../src/encoding-pool.js'
import { Member } from '../src/member.js'
import { Programme } from '../src/programme.js'
import { piece } from './hand-fed-deck.js'
import { blocks, CountingEncoder, type TestBlock, type TestPayload } from './stage.js'

const us = (reading: number) => reading as ServerUs
const opus: AudioFormat = { codec: 'opus', sampleRate: 48_000, channels: 2, bitDepth: 16 }
const pcm: AudioFormat = { ...opus, codec: 'pcm' }

function pool() {
  const asked: string[] = []
  let ids = 0
  const programme = new Programme<TestBlock>(48_000, blocks)
  const port = {
    emit: (output: { type: string; format?: AudioFormat }) => void asked.push(`${output.type} ${output.format?.codec}`),
    newEncoding: () => ++ids,
  }
  const [kitchen, bath] = ['kitchen', 'bath'].map((id) => new Member<TestBlock, TestPayload>(id, id))
  return {
    asked,
    programme,
    pool: new EncodingPool<TestBlock, TestPayload>(programme, port),
    kitchen: kitchen!,
    bath: bath!,
  }
}

describe('EncodingPool', () => {
  it('asks for one encoder a format, however many hear it', () => {
    const { pool: encodings, asked, kitchen, bath } = pool()
    const encoding = encodings.encodingFor(kitchen, opus)
    expect(encodings.encodingFor(bath, opus)).to.equal(encoding)
    expect(encodings.encodingCalled(encoding.id)).to.equal(encoding)
    encodings.encodingFor(bath, pcm)
    expect(asked).to.deep.equal(['createEncoder opus', 'createEncoder pcm'])
  })

  it('closes what nobody uses, and asks again when somebody does', () => {
    const { pool: encodings, asked, kitchen } = pool()
    const encoding = encodings.encodingFor(kitchen, opus)
    const encoder = new CountingEncoder(opus)
    encoding.equip(encoder)
    encodings.prune(() => true)
    expect(encoder.isClosed).to.equal(false)
    encodings.prune(() => false)
    expect(encoder.isClosed).to.equal(true)
    expect(encodings.encodingFor(kitchen, opus)).to.not.equal(encoding)
    expect(asked).to.have.length(2)
  })

  it('offers no format again whose encoder could not be made, unless that was for an announcement only', () => {
    const { pool: encodings, kitchen } = pool()
    encodings.gather(new Set([kitchen]), false)
    encodings.strike(encodings.encodingFor(kitchen, opus))
    expect(encodings.offers(opus)).to.equal(true)
    encodings.disperse()
    encodings.strike(encodings.encodingFor(kitchen, opus))
    expect(encodings.offers(opus)).to.equal(false)
    expect(encodings.offers(pcm)).to.equal(true)
  })

  it('gives an encoding of their own to those who hear an announcement that others do not', () => {
    const { pool: encodings, kitchen, bath } = pool()
    encodings.gather(new Set([kitchen]), false)
    const apart = encodings.encodingFor(kitchen, opus)
    const usual = encodings.encodingFor(bath, opus)
    expect([apart.isApart, usual.isApart]).to.deep.equal([true, false])
    const announcement = { clip: piece(1000), duckDb: 12, fadeFrames: 480 }
    const placed = new PlacedAnnouncement<TestBlock>(announcement, 0, blocks)
    encodings.place(placed)
    expect([apart.announcement, usual.announcement]).to.deep.equal([placed, undefined])
    encodings.disperse()
    expect(apart.announcement).to.equal(undefined)
    expect(encodings.encodingFor(kitchen, opus)).to.equal(usual)
  })

  it('needs nothing twice when everyone hears it', () => {
    const { pool: encodings, kitchen, bath } = pool()
    const usual = encodings.encodingFor(bath, opus)
    encodings.gather(new Set([kitchen, bath]), true)
    expect(encodings.encodingFor(kitchen, opus)).to.equal(usual)
    const placed = new PlacedAnnouncement<TestBlock>({ clip: piece(10), duckDb: 12, fadeFrames: 480 }, 0, blocks)
    encodings.place(placed)
    expect(usual.announcement).to.equal(placed)
    expect(encodings.encodingFor(bath, pcm).announcement).to.equal(placed)
  })

  it('encodes an eighth of a second at a time, and says when to come back for the rest', () => {
    const { pool: encodings, programme, kitchen } = pool()
    const encoding = encodings.encodingFor(kitchen, pcm)
    encoding.equip(new CountingEncoder(pcm))
    for (let n = 0; n < 20; n++) programme.append(piece(25, n * 1200))
    programme.start(us(0))
    encoding.startWithProgramme()
    expect(encodings.encodeUntil(us(400_000), us(0))).to.equal(5_000)
    expect(encodings.encodedFrame).to.equal(6_000)
    encodings.encodeUntil(us(400_000), us(5_000))
    encodings.encodeUntil(us(400_000), us(10_000))
    expect(encodings.encodeUntil(us(400_000), us(15_000))).to.equal(undefined)
    expect(encodings.encodedFrame).to.equal(19_200)
  })
})
