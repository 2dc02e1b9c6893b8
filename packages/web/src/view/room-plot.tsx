/** A live plot of one figure of one room. The plotting library is loaded when first needed. */
import { useEffect, useRef } from 'preact/hooks'
import type { RoomHistory, Span } from '../contract.js'
import type { Quantity } from '../quantity.js'
import type { RoomChart } from './room-chart.js'

interface RoomPlotProps {
  readonly label: string
  readonly colour: string
  readonly quantity: Quantity
  readonly span: Span
  readonly history: RoomHistory | undefined
  /** Server time, µs. */
  readonly now: number
}

export function RoomPlot({ label, colour, quantity, span, history, now }: RoomPlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<RoomChart | undefined>(undefined)
  const latest = useRef({ span, history, now })
  latest.current = { span, history, now }

  useEffect(() => {
    let isGone = false
    const loading = import('./room-chart.js').then(({ RoomChart }) => {
      // An effect that waited for the next frame may run only after the view was left, and is then never told to stop.
      if (isGone || !place.current) return
      chart.current = new RoomChart(place.current, colour, quantity)
      chart.current.draw(latest.current)
    })
    loading.catch(() => undefined) // the server is away, which is said elsewhere; opening the view again tries again
    return () => {
      isGone = true
      chart.current?.destroy()
      chart.current = undefined
    }
  }, [colour, quantity])
  useEffect(() => chart.current?.draw({ span, history, now }))
  return <div ref={place} class="plot" role="img" aria-label={label} />
}
