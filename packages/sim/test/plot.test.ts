import { expect } from 'chai'
import { drawFigure, ticks } from '../src/plot.js'

describe('ticks', () => {
  it('are round, within the axis, and few', () => {
    expect(ticks({ label: '', from: 0, to: 24, scale: 'linear' })).to.deep.equal([0, 5, 10, 15, 20])
    expect(ticks({ label: '', from: 0, to: 0.3, scale: 'linear' })).to.deep.equal([0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3])
    expect(ticks({ label: '', from: 1, to: 1e5, scale: 'log' })).to.deep.equal([1, 10, 100, 1000, 10_000, 100_000])
    expect(ticks({ label: '', from: 3, to: 70, scale: 'log' })).to.deep.equal([5, 10, 20, 50])
  })
})

describe('drawFigure', () => {
  const chart = {
    width: 1,
    x: { label: 'time (s)', from: 0, to: 10, scale: 'linear' },
    y: { label: 'a < b (µs)', from: 1, to: 100, scale: 'log' },
    marks: [
      {
        kind: 'line',
        name: 'R&D',
        color: '#123456',
        points: [
          [0, 1],
          [10, 100],
          [20, 1e9],
        ],
      },
      { kind: 'bars', color: '#654321', bars: [{ from: 1, to: 2, height: 10 }] },
    ],
  } as const

  it('draws every mark within the frame and writes every label', () => {
    const svg = drawFigure({ title: 'T', subtitle: 'S', charts: [chart] })
    for (const text of ['time (s)', 'a &lt; b (µs)', 'R&amp;D', '>T<', '>S<']) expect(svg).to.include(text)
    // Beyond the axis is drawn on its edge.
    expect(svg).to.include('M64 328L944 64L944 64')
    expect(svg).to.not.match(/NaN|Infinity|undefined/)
  })

  it('draws the same figure from the same data', () => {
    const figure = { title: 'T', subtitle: 'S', charts: [chart, chart] }
    expect(drawFigure(figure)).to.equal(drawFigure(figure))
  })
})
