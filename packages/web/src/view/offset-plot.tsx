/** A live plot of one room's offset with its error bound. The plotting library is loaded when first needed. */
import { useEffect, useRef } from 'preact/hooks'
import type { RoomHistory, Span } from '../contract.js'
import type { OffsetChart } from './offset-chart.js'

interface OffsetPlotProps {
  readonly label: string
  readonly colour: string
  readonly span: Span
  readonly history: RoomHistory | undefined
  /** Server time, µs. */
  readonly now: number
}

export function OffsetPlot({ label, colour, span, history, now }: OffsetPlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<OffsetChart | undefined>(undefined)
  const latest = useRef({ span, history, now })
  latest.current = { span, history, now }

  useEffect(() => {
    let isGone = false
    void import('./offset-chart.js').then(({ OffsetChart }) => {
      if (isGone) return
      chart.current = new OffsetChart(place.current!, colour)
      chart.current.draw(latest.current)
    })
    return () => {
      isGone = true
      chart.current?.destroy()
      chart.current = undefined
    }
  }, [colour])
  useEffect(() => chart.current?.draw({ span, history, now }))
  return <div ref={place} class="plot" role="img" aria-label={label} />
}
