/** uPlot set up for offsets: band, line, dropouts; sizes and colours follow the page. */
import uPlot from 'uplot'
import type { RoomHistory, Span } from '../contract.js'

export interface Drawn {
  readonly span: Span
  readonly history: RoomHistory | undefined
  readonly now: number
}

const spanS: Readonly<Record<Span, number>> = { minutes: 600, day: 86_400 }
/** A quiet room's plot is this high either way, ms, so that noise of microseconds looks like what it is. */
const leastMs = 0.1
const height = 132

export class OffsetChart {
  readonly #plot: uPlot
  readonly #resizes: ResizeObserver
  readonly #schemes = matchMedia('(prefers-color-scheme: dark)')
  #ageS = spanS.minutes

  constructor(place: HTMLElement, colour: string) {
    const style = getComputedStyle(place)
    const resolve = (value: string): string =>
      value.startsWith('var(') ? style.getPropertyValue(value.slice(4, -1)).trim() : value
    const quiet = (): string => getComputedStyle(place).getPropertyValue('--quiet').trim()
    const line = (): string => getComputedStyle(place).getPropertyValue('--line').trim()
    const stroke = (): string => resolve(colour)
    const font = `11px ${style.fontFamily}`
    this.#plot = new uPlot(
      {
        width: Math.max(place.clientWidth, 120),
        height,
        legend: { show: false },
        cursor: { show: false },
        padding: [6, 16, 0, 0],
        scales: {
          x: { time: false, range: () => [-this.#ageS, 0] },
          y: { range: (_plot, low, high) => heights(low, high) },
        },
        axes: [
          {
            stroke: quiet,
            font,
            size: 22,
            grid: { show: false },
            ticks: { show: false },
            splits: () => this.#splits(),
            values: (_plot, splits) => splits.map((s) => this.#ageName(s)),
          },
          {
            stroke: quiet,
            font,
            size: 54,
            grid: { stroke: line, width: 1 },
            ticks: { show: false },
            space: 34,
            values: (_plot, splits) =>
              splits.map((ms) => (ms === 0 ? '0' : `${ms < 0 ? '−' : ''}${Number(Math.abs(ms).toPrecision(3))} ms`)),
          },
        ],
        bands: [{ series: [3, 2], fill: () => `color-mix(in srgb, ${stroke()} 20%, transparent)` }],
        series: [
          {},
          { stroke, width: 1.6, points: { show: false }, spanGaps: false },
          { stroke: 'transparent', points: { show: false } },
          { stroke: 'transparent', points: { show: false } },
        ],
      },
      [[], [], [], []],
      place,
    )
    this.#resizes = new ResizeObserver(() => {
      if (place.clientWidth > 0) this.#plot.setSize({ width: place.clientWidth, height })
    })
    this.#resizes.observe(place)
    this.#schemes.addEventListener('change', this.#redraw)
  }

  draw({ span, history, now }: Drawn): void {
    this.#ageS = spanS[span]
    if (history === undefined) {
      this.#plot.setData([[], [], [], []])
      return
    }
    const inMs = (values: readonly (number | null)[]): (number | null)[] => values.map((us) => us && us / 1000)
    const ages = history.at.map((at) => (at - now) / 1e6)
    this.#plot.setData([ages, inMs(history.lateUs), inMs(history.lowestUs), inMs(history.highestUs)])
  }

  destroy(): void {
    this.#resizes.disconnect()
    this.#schemes.removeEventListener('change', this.#redraw)
    this.#plot.destroy()
  }

  readonly #redraw = (): void => this.#plot.redraw()

  #splits(): number[] {
    return this.#ageS > 3600 ? [-86_400, -64_800, -43_200, -21_600, 0] : [-600, -450, -300, -150, 0]
  }

  #ageName(s: number): string {
    if (s === 0) return 'now'
    return this.#ageS > 3600 ? `−${Math.round(-s / 3600)} h` : `−${-s / 60} min`
  }
}

/** Even on both sides of zero. */
function heights(low: number | null, high: number | null): [number, number] {
  const reach = Math.max(leastMs, Math.abs(low ?? 0), Math.abs(high ?? 0)) * 1.1
  return [-reach, reach]
}
