/** A slider that follows the finger at once and the server afterwards. */
import { useEffect, useRef, useState } from 'preact/hooks'

export interface SliderProps {
  readonly label: string
  readonly value: number
  readonly max: number
  readonly step?: number
  readonly disabled?: boolean
  readonly class?: string
  /** The value in words, for screen readers. */
  readonly say?: (value: number) => string
  /** While it moves, at most ten times a second, and once more at the end. Without it only `onSet` is called. */
  readonly onSlide?: (value: number) => void
  /** When it has been let go. */
  readonly onSet?: (value: number) => void
  /** What is shown while it is held; undefined when it is let go. */
  readonly onHold?: (value: number | undefined) => void
}

const betweenMs = 100
/** The server's word is waited for this long before the slider shows it again. */
const settleMs = 700

export function Slider({ label, value, max, step = 1, disabled, class: kind = '', say, ...on }: SliderProps) {
  const [held, hold] = useState<number | undefined>(undefined)
  const timers = useRef<{ slide?: ReturnType<typeof setTimeout>; settle?: ReturnType<typeof setTimeout> }>({})
  const latest = useRef(on)
  latest.current = on
  useEffect(() => () => Object.values(timers.current).forEach(clearTimeout), [])

  const shown = held ?? value
  const slide = (event: { readonly currentTarget: HTMLInputElement }): void => {
    const wanted = Number(event.currentTarget.value)
    hold(wanted)
    latest.current.onHold?.(wanted)
    clearTimeout(timers.current.settle)
    timers.current.settle = setTimeout(() => hold(undefined), settleMs)
    pending.current = wanted
    timers.current.slide ??= setTimeout(() => {
      delete timers.current.slide
      latest.current.onSlide?.(pending.current)
    }, betweenMs)
  }
  const pending = useRef(value)
  const letGo = (event: { readonly currentTarget: HTMLInputElement }): void => {
    latest.current.onSet?.(Number(event.currentTarget.value))
    latest.current.onHold?.(undefined)
  }
  return (
    <input
      type="range"
      class={`slider ${kind}`}
      style={{ '--fill': `${max > 0 ? (Math.min(shown, max) / max) * 100 : 0}%` }}
      min={0}
      max={max}
      step={step}
      value={shown}
      disabled={disabled}
      aria-label={label}
      aria-valuetext={say?.(shown)}
      onInput={slide}
      onChange={letGo}
    />
  )
}
