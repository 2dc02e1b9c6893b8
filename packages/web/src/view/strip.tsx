/**
 * The rooms side by side in time: one dot each where it is heard, as wide as what is not known about it. The further
 * from the middle, the coarser the scale, so that a hundredth of a millisecond and ten of them both show.
 */
import type { Reading } from '../contract.js'
import { roomColour } from './room-colour.js'

const widestUs = 20_000
const finestUs = 20

/** −1 to 1. */
function place(us: number): number {
  return Math.max(-1, Math.min(1, Math.asinh(us / finestUs) / Math.asinh(widestUs / finestUs)))
}

const marks: readonly (readonly [us: number, name: string])[] = [
  [-10_000, '10 ms'],
  [-1_000, '1 ms'],
  [-100, '0.1'],
  [0, ''],
  [100, '0.1'],
  [1_000, '1 ms'],
  [10_000, '10 ms'],
]

export interface StripProps {
  readonly rooms: readonly { readonly name: string; readonly reading: Reading }[]
}

export function Strip({ rooms }: StripProps) {
  const x = (us: number): number => 50 + 48 * place(us)
  return (
    <div class="strip" aria-hidden="true">
      <div class="strip-field">
        {marks.map(([us]) => (
          <i key={us} class={us === 0 ? 'strip-mark is-middle' : 'strip-mark'} style={{ left: `${x(us)}%` }} />
        ))}
        {rooms.map(({ reading }, i) => {
          const colour = roomColour(reading.client)
          const bound = reading.errorBoundUs ?? 0
          const left = x(reading.lateUs - bound)
          const top = `${((i + 0.5) / rooms.length) * 100}%`
          return (
            <span key={reading.client} style={{ '--colour': colour, top }}>
              <i class="strip-bound" style={{ left: `${left}%`, width: `${x(reading.lateUs + bound) - left}%` }} />
              <i class="strip-dot" style={{ left: `${x(reading.lateUs)}%` }} />
            </span>
          )
        })}
      </div>
      <div class="strip-scale">
        {marks.map(([us, name]) => (
          <small key={us} style={{ left: `${x(us)}%` }}>
            {us === 0 ? 'in step' : name}
          </small>
        ))}
      </div>
    </div>
  )
}
