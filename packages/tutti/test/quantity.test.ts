import { expect } from 'chai'
import { count, formatDuration, formatOffset, formatPpm } from '../src/quantity.js'

describe('Quantities', () => {
  it('have three figures and a unit that fits', () => {
    const written = [0, 0.84, 3.21, 12.34, 999.4, 999.6, 1204, 123_456, 999_600, 3e6, 1e8].map(formatDuration)
    expect(written).to.deep.equal([
      '0.0 µs',
      '0.8 µs',
      '3.21 µs',
      '12.3 µs',
      '999 µs',
      '1.00 ms',
      '1.20 ms',
      '123 ms',
      '1.00 s',
      '3.00 s',
      '100 s',
    ])
  })

  it('have a sign where direction matters, but zero is not negative', () => {
    expect([12.3, -1200].map(formatOffset)).to.deep.equal(['+12.3 µs', '−1.20 ms'])
    expect([60, -45.04, -0.01].map(formatPpm)).to.deep.equal(['+60.0 ppm', '−45.0 ppm', '+0.0 ppm'])
  })

  it('count things in plain English', () =>
    expect([count(1, 'room'), count(3, 'room')]).to.deep.equal(['1 room', '3 rooms']))
})
