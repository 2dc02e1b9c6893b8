import { expect } from 'chai'
import {
  ago,
  clockTime,
  milliseconds,
  plural,
  sentence,
  signedOffset,
  signedPpm,
  spokenTime,
  withinMilliseconds,
} from '../src/words.js'

describe('words', () => {
  it('tells times as players show them, and as people say them', () => {
    expect([0, 65_999, 3_727_000, -5].map(clockTime)).to.deep.equal(['0:00', '1:05', '1:02:07', '0:00'])
    expect([0, 1_000, 65_000, 3_600_000].map(spokenTime)).to.deep.equal([
      '0 seconds',
      '1 second',
      '1 minute 5 seconds',
      '1 hour',
    ])
  })

  it('tells how long ago something was, roughly', () => {
    expect([2, 61, 150, 7_300, 200_000].map(ago)).to.deep.equal([
      'just now',
      '1 minute ago',
      '2 minutes ago',
      '2 hours ago',
      '2 days ago',
    ])
  })

  it('tells small times with as many digits as mean something', () => {
    expect([3, 40, 1_234, 18_400, 1_200_000].map(milliseconds)).to.deep.equal([
      '0.01 ms',
      '0.04 ms',
      '1.2 ms',
      '18 ms',
      '1.2 s',
    ])
    expect([90, 91, 999.5, 1_010, 10_100].map(withinMilliseconds)).to.deep.equal([
      '0.09 ms',
      '0.10 ms',
      '1.00 ms',
      '1.1 ms',
      '11 ms',
    ])
  })

  it('gives nothing a sign that is nothing', () => {
    expect([0.2, -0.2, 12.4, -400, -2_500].map(signedOffset)).to.deep.equal([
      '0 µs',
      '0 µs',
      '+12 µs',
      '−400 µs',
      '−2.5 ms',
    ])
    expect([0.01, -0.04, 12.34, -3].map(signedPpm)).to.deep.equal(['0 ppm', '0 ppm', '+12.3 ppm', '−3.0 ppm'])
  })

  it('counts, and makes a sentence of what the server says', () => {
    expect([plural(1, 'room'), plural(3, 'room')]).to.deep.equal(['1 room', '3 rooms'])
    expect(sentence('the queue is empty')).to.equal('The queue is empty.')
    expect(sentence('Why?')).to.equal('Why?')
  })
})
