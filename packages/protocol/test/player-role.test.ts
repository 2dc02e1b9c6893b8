import { expect } from 'chai'
import { formatKey, reportedCondition, reportedOutputDelayMs, toAudioFormat, toWireFormat } from '../src/index.js'

describe('an audio format', () => {
  it('survives the way to the wire and back', () => {
    const format = { codec: 'flac', sampleRate: 44_100, channels: 2, bitDepth: 24 } as const
    expect(toAudioFormat(toWireFormat(format))).to.deep.equal(format)
  })

  it('has 16 bits where Opus leaves them out', () => {
    expect(toAudioFormat({ codec: 'opus', sample_rate: 48_000, channels: 2 })).to.include({ bitDepth: 16 })
  })

  it('is undefined for a codec this version does not speak', () => {
    expect(toAudioFormat({ codec: 'mqa', sample_rate: 48_000, channels: 2, bit_depth: 24 })).to.equal(undefined)
  })
})

describe('formatKey', () => {
  it('is the same for two formats only when one encoder can serve both', () => {
    const format = { codec: 'pcm', sampleRate: 48_000, channels: 2, bitDepth: 16 } as const
    const others = [{ codec: 'flac' }, { sampleRate: 44_100 }, { channels: 1 }, { bitDepth: 24 }] as const
    expect(formatKey({ ...format })).to.equal(formatKey(format))
    for (const other of others) expect(formatKey({ ...format, ...other })).to.not.equal(formatKey(format))
  })
})

describe('what a client reports', () => {
  it('is its condition, wherever its generation puts it', () => {
    expect(reportedCondition({ player: { state: 'error' } })).to.equal('error')
    expect(reportedCondition({ state: 'synchronized', player: {} })).to.equal('synchronized')
    expect(reportedCondition({ player: null })).to.equal(undefined)
  })

  it('is its delay, under either name', () => {
    expect(reportedOutputDelayMs({ static_delay_ms: 3 })).to.equal(3)
    expect(reportedOutputDelayMs({ output_delay_ms: 0 })).to.equal(0)
    expect(reportedOutputDelayMs({})).to.equal(undefined)
  })
})
