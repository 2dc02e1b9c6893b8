/** uPlot set up for one figure of one room over time; size and colours follow the page. */
import uPlot from 'uplot'
import type { RoomHistory, Span } from '../contract.js'
import { axisLabel, type Quantity } from '../quantity.js'

export interface Drawn {
  readonly span: Span
  readonly history: RoomHistory | undefined
  readonly now: number
}

const spanS: Readonly<Record<Span, number>> = { minutes: 600, day: 86_400 }
const height = 132

export class RoomChart {
  readonly #plot: uPlot
  readonly #quantity: Quantity
  readonly #resizes: ResizeObserver
  readonly #schemes = matchMedia('(prefers-color-scheme: dark)')
  #ageS = spanS.minutes

  constructor(place: HTMLElement, colour: string, quantity: Quantity) {
    this.#quantity = quantity
    const { unit, isCount } = quantity
    const styled = (name: string) => (): string => getComputedStyle(place).getPropertyValue(name).trim()
    const stroke = (): string => (colour.startsWith('var(') ? styled(colour.slice(4, -1))() : colour)
    const quiet = styled('--quiet')
    const font = `11px ${getComputedStyle(place).fontFamily}`
    this.#plot = new uPlot(
      {
        width: Math.max(place.clientWidth, 120),
        height,
        legend: { show: false },
        cursor: { show: false },
        padding: [6, 16, 0, 0],
        scales: {
          x: { time: false, range: () => [-this.#ageS, 0] },
          y: { range: (_plot, low, high) => [...quantity.range(low ?? 0, high ?? 0)] as [number, number] },
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
            size: 60,
            grid: { stroke: styled('--line'), width: 1 },
            ticks: { show: false },
            space: 24,
            ...(isCount ? { incrs: [1, 2, 5, 10, 20, 50, 100, 1000] } : {}),
            values: (_plot, splits) => splits.map((value) => axisLabel(value, unit)),
          },
        ],
        bands: [{ series: [3, 2], fill: () => `color-mix(in srgb, ${stroke()} 20%, transparent)` }],
        series: [
          {},
          {
            stroke,
            width: isCount ? 3 : 1.6,
            points: { show: false },
            spanGaps: false,
            ...(isCount ? { paths: uPlot.paths.bars!({ size: [0.9, 6, 3] }), fill: stroke } : {}),
          },
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
    const ages = history.at.map((at) => (at - now) / 1e6)
    const unknown = ages.map(() => null)
    const { values, low = unknown, high = unknown } = this.#quantity.figures(history)
    this.#plot.setData([ages, [...values], [...low], [...high]])
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
