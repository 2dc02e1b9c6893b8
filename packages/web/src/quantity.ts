/** What can be plotted of a room's past: which figures, in which unit, and how high the plot must be at least. */
import type { RoomHistory } from './contract.js'

export interface Quantity {
  readonly id: string
  readonly name: string
  /** In plain words, what the plot shows. */
  readonly about: string
  readonly unit: string
  /** In `unit`, beside `RoomHistory.at`; with the bounds where something is known of them. */
  readonly figures: (history: RoomHistory) => Figures
  /** Lowest and highest value the plot has to show, given those of the figures. */
  readonly range: (low: number, high: number) => readonly [number, number]
  /** Whether each figure stands for itself rather than for a point of a curve. */
  readonly isCount: boolean
}

export interface Figures {
  readonly values: readonly (number | null)[]
  readonly low?: readonly (number | null)[]
  readonly high?: readonly (number | null)[]
}

/** A quiet room's plot is this high either way, so that noise of microseconds looks like what it is. */
const leastOffsetMs = 0.1

function perThousand(values: readonly (number | null)[]): readonly (number | null)[] {
  return values.map((value) => value && value / 1000)
}

function fromZero(least: number): Quantity['range'] {
  return (_low, high) => [0, Math.max(least, high * 1.15)]
}

export const quantities: readonly Quantity[] = [
  {
    id: 'offset',
    name: 'Offset',
    about:
      'How far the room says it lags its schedule; the shade is how wrong it may be about the server’s clock at the very worst, mostly many times what it is. What comes after the sound card, such as an amplifier or a Bluetooth speaker, no room can see.',
    unit: 'ms',
    figures: ({ lateUs, lowestUs, highestUs }) => ({
      values: perThousand(lateUs),
      low: perThousand(lowestUs),
      high: perThousand(highestUs),
    }),
    range: (low, high) => {
      const reach = Math.max(leastOffsetMs, -low, high) * 1.1
      return [-reach, reach]
    },
    isCount: false,
  },
  {
    id: 'drift',
    name: 'Clock drift',
    about: 'How much faster the server’s clock runs than the room’s. Crystals differ; the room makes up for it.',
    unit: 'ppm',
    figures: ({ driftPpm }) => ({ values: driftPpm }),
    range: (low, high) => [Math.floor(low) - 1, Math.ceil(high) + 1],
    isCount: false,
  },
  {
    id: 'roundTrip',
    name: 'Round trip',
    about: 'How long a question to the server and its answer take. Wi-Fi that is busy or far away shows here first.',
    unit: 'ms',
    figures: ({ roundTripUs }) => ({ values: perThousand(roundTripUs) }),
    range: fromZero(1),
    isCount: false,
  },
  {
    id: 'buffer',
    name: 'Buffer',
    about: 'How much music the room has in store. When it runs out, the room falls silent.',
    unit: 's',
    figures: ({ bufferedMs }) => ({ values: perThousand(bufferedMs) }),
    range: fromZero(0.2),
    isCount: false,
  },
  {
    id: 'dropouts',
    name: 'Dropouts',
    about: 'How often the sound broke off: music that came too late, or a sound card that ran dry.',
    unit: '',
    figures: ({ dropouts }) => ({ values: dropouts }),
    range: fromZero(2),
    isCount: true,
  },
]

/** A value on the axis: `−0.25 ms`. */
export function axisLabel(value: number, unit: string): string {
  const size = Number(Math.abs(value).toPrecision(3))
  const number = size === 0 ? '0' : `${value < 0 ? '−' : ''}${size}`
  return unit === '' || size === 0 ? number : `${number} ${unit}`
}
