/** Charts as SVG text: bands, lines and bars over two axes, side by side in one figure. Dark on white, for docs and print. */

export interface Axis {
  /** With its unit, for example `spread (µs)`. */
  readonly label: string
  readonly from: number
  readonly to: number
  readonly scale: 'linear' | 'log'
}

export type Point = readonly [x: number, y: number]

/** What is drawn in a chart, in the axes' units; later marks lie over earlier ones. `name` is for the legend. */
export type Mark =
  | { readonly kind: 'line'; readonly name?: string; readonly color: string; readonly points: readonly Point[] }
  | {
      readonly kind: 'band'
      readonly name?: string
      readonly color: string
      readonly lower: readonly Point[]
      readonly upper: readonly Point[]
    }
  | { readonly kind: 'bars'; readonly name?: string; readonly color: string; readonly bars: readonly Bar[] }

export interface Bar {
  readonly from: number
  readonly to: number
  readonly height: number
}

export interface Chart {
  /** Share of the figure's width, relative to the other charts'. */
  readonly width: number
  readonly x: Axis
  readonly y: Axis
  readonly marks: readonly Mark[]
  /** Where the marks' names stand: at the top right unless curves are there. */
  readonly legend?: 'bottom left'
}

export interface Figure {
  readonly title: string
  readonly subtitle: string
  readonly charts: readonly Chart[]
}

/** Colours that differ in lightness too, so that they survive a black-and-white printer. */
export const palette = ['#1f4e79', '#c55a11', '#548235', '#7f6000', '#7030a0'] as const

const ink = '#1b1b1b'
const faint = '#e3e3e3'
const size = { width: 960, height: 380, left: 64, right: 16, top: 64, bottom: 52 }
const legendRow = 16
const tickWish = 6

export function drawFigure({ title, subtitle, charts }: Figure): string {
  const total = charts.reduce((sum, { width }) => sum + width, 0)
  let left = 0
  const drawn = charts.map((chart) => {
    const width = (size.width * chart.width) / total
    const svg = drawChart(chart, left, width)
    left += width
    return svg
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="system-ui, sans-serif" font-size="12" fill="${ink}" role="img" aria-label="${escapeXml(title)}">`,
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    `<text x="16" y="24" font-size="16" font-weight="600">${escapeXml(title)}</text>`,
    `<text x="16" y="43" fill="#555555">${escapeXml(subtitle)}</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n')
}

/** Round figures within an axis at which to write its value: at most about six. */
export function ticks({ from, to, scale }: Axis): readonly number[] {
  if (scale === 'log') {
    const decades = Math.ceil(Math.log10(to)) - Math.floor(Math.log10(from))
    const within = decades <= 2 ? [1, 2, 5] : [1]
    const powers = Array.from({ length: decades + 1 }, (_, i) => 10 ** (Math.floor(Math.log10(from)) + i))
    return powers.flatMap((power) => within.map((n) => n * power)).filter((x) => x >= from && x <= to)
  }
  const rough = (to - from) / tickWish
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power
  const first = Math.ceil(from / step - 1e-9)
  const count = Math.floor(to / step + 1e-9) - first + 1
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

function drawChart({ x, y, marks, legend }: Chart, offset: number, width: number): string {
  const left = offset + size.left
  const right = offset + width - size.right
  const bottom = size.height - size.bottom
  const toX = project(x, left, right)
  const toY = project(y, bottom, size.top)
  const middle = (left + right) / 2
  const centre = (size.top + bottom) / 2
  return [
    ...ticks(y).map((value) => {
      const at = toY(value)
      return `<path d="M${left} ${at}H${right}" stroke="${faint}"/><text x="${left - 6}" y="${at + 4}" text-anchor="end">${written(value)}</text>`
    }),
    ...ticks(x).map((value) => {
      const at = toX(value)
      return `<path d="M${at} ${bottom}v4" stroke="${ink}"/><text x="${at}" y="${bottom + 18}" text-anchor="middle">${written(value)}</text>`
    }),
    ...marks.map((mark) => drawMark(mark, toX, toY)),
    `<path d="M${left} ${size.top}V${bottom}H${right}" fill="none" stroke="${ink}"/>`,
    `<text x="${middle}" y="${size.height - 14}" text-anchor="middle">${escapeXml(x.label)}</text>`,
    `<text transform="translate(${offset + 16} ${centre}) rotate(-90)" text-anchor="middle">${escapeXml(y.label)}</text>`,
    ...(legend === 'bottom left' ? drawLegendBelow(marks, left, bottom) : drawLegend(marks, right)),
  ].join('\n')
}

/** A position in the picture, held within the axis and short to write. */
function project({ from, to, scale }: Axis, start: number, end: number): (value: number) => number {
  const place = scale === 'log' ? (value: number) => Math.log(Math.max(value, from)) : (value: number) => value
  const origin = place(from)
  const perUnit = (end - start) / (place(to) - origin)
  return (value) => {
    const share = (place(Math.min(Math.max(value, from), to)) - origin) * perUnit
    return Math.round((start + share) * 10) / 10
  }
}

type Projection = (value: number) => number

function drawMark(mark: Mark, toX: Projection, toY: Projection): string {
  const at = ([x, y]: Point): string => `${toX(x)} ${toY(y)}`
  switch (mark.kind) {
    case 'line':
      return `<path d="M${mark.points.map(at).join('L')}" fill="none" stroke="${mark.color}" stroke-width="1.5" stroke-linejoin="round"/>`
    case 'band': {
      const outline = [...mark.upper, ...mark.lower.toReversed()]
      return `<path d="M${outline.map(at).join('L')}Z" fill="${mark.color}"/>`
    }
    case 'bars': {
      const boxes = mark.bars.map(
        ({ from, to, height }) => `M${toX(from)} ${toY(0)}V${toY(height)}H${toX(to)}V${toY(0)}Z`,
      )
      return `<path d="${boxes.join('')}" fill="${mark.color}"/>`
    }
  }
}

function drawLegend(marks: readonly Mark[], right: number): string[] {
  return namedOf(marks).map(({ name, color }, i) => {
    const y = size.top + 12 + i * legendRow
    return `<text x="${right - 18}" y="${y}" text-anchor="end">${escapeXml(name!)}</text>${swatch(right - 12, y, color)}`
  })
}

function drawLegendBelow(marks: readonly Mark[], left: number, bottom: number): string[] {
  const named = namedOf(marks)
  return named.map(({ name, color }, i) => {
    const y = bottom - 10 - (named.length - 1 - i) * legendRow
    return `${swatch(left + 10, y, color)}<text x="${left + 26}" y="${y}">${escapeXml(name!)}</text>`
  })
}

function namedOf(marks: readonly Mark[]): readonly Mark[] {
  return marks.filter(({ name }) => name !== undefined)
}

/** `y` is the baseline of the name beside it. */
function swatch(x: number, y: number, color: string): string {
  return `<rect x="${x}" y="${y - 9}" width="10" height="10" fill="${color}"/>`
}

/** Thousands apart by a thin space, powers of ten beyond them as such. */
function written(value: number): string {
  if (value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3))
    return value.toExponential(0).replace('e+', 'e')
  return String(value).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, '\u2009')
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
