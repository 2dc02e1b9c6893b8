import type { AudioFormat } from '@tutti/protocol'
import { expect } from 'chai'
import { producibleFormats, requestedFormat } from '../src/format-choice.js'
import { wireFormat } from './stage.js'

const all = (): boolean => true
const formats = producibleFormats(
  {
    supported_formats: ['flac/96000', 'flac/48000', 'opus', 'pcm/44100', 'pcm/48000'].map(wireFormat),
    buffer_capacity: 1,
  },
  all,
)

describe('producibleFormats', () => {
  it('keeps the player’s order and leaves out what cannot be made or is not known', () => {
    const support = { supported_formats: ['mp3', 'flac', 'opus'].map(wireFormat), buffer_capacity: 1 }
    const canEncode = (format: AudioFormat): boolean => format.codec !== 'flac'
    expect(producibleFormats(support, canEncode).map((format) => format.codec)).to.deep.equal(['opus'])
  })
})

describe('requestedFormat', () => {
  it('fills in what the request leaves open from the running format', () => {
    const current = formats.find((format) => format.codec === 'flac' && format.sampleRate === 48_000)!
    expect(requestedFormat(formats, { codec: 'pcm' }, current)).to.deep.include({ codec: 'pcm', sampleRate: 48_000 })
    expect(requestedFormat(formats, { sample_rate: 96_000 }, current)).to.deep.include({
      codec: 'flac',
      sampleRate: 96_000,
    })
  })

  it('never picks a format that is not on the player’s list', () => {
    expect(requestedFormat(formats, { codec: 'opus', channels: 1 }, undefined)).to.equal(undefined)
    expect(requestedFormat(formats, { sample_rate: 22_050 }, formats[0])).to.equal(undefined)
  })
})
