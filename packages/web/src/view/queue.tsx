import { useEffect, useRef, useState } from 'preact/hooks'
import { house } from '../browser/home.js'
import type { EntryStatus, GroupStatus } from '../contract.js'
import { clockTime, plural } from '../words.js'
import { adding } from './add-music.js'
import { startDrag } from './drag.js'
import { Icon, IconButton } from './icon.js'

/** Rows drawn at first and added on request: a queue may have ten thousand. */
const pageRows = 100

export function Queue({ group }: { readonly group: GroupStatus }) {
  const [rows, setRows] = useState(pageRows)
  const [over, setOver] = useState<number | undefined>(undefined)
  const [said, say] = useState('')
  const { queue } = group
  const currentAt = queue.findIndex(({ id }) => id === group.current)
  const first = Math.max(0, Math.min(currentAt - 5, queue.length - rows))
  const shown = rows >= queue.length ? queue : queue.slice(first, first + rows)
  const offset = rows >= queue.length ? 0 : first

  const move = (entry: EntryStatus, to: number): void => {
    const place = Math.max(0, Math.min(to, queue.length - 1))
    void house.do({ command: 'moveTrack', group: group.id, entry: entry.id, to: place })
    say(`${entry.title}, now ${place + 1} of ${queue.length}`)
  }
  return (
    <section class="queue" aria-label="Queue">
      <header>
        <h2>Queue</h2>
        <span class="quiet">{queue.length > 0 && plural(queue.length, 'track')}</span>
        <button type="button" class="button" onClick={() => (adding.value = true)}>
          <Icon name="plus" /> Add
        </button>
        {queue.length > 0 && (
          <button
            type="button"
            class="button is-plain"
            onClick={() => house.do({ command: 'clearQueue', group: group.id })}
          >
            Clear
          </button>
        )}
      </header>
      {queue.length === 0 && <p class="quiet empty">Tracks you add wait here.</p>}
      <ol start={offset + 1}>
        {shown.map((entry, i) => (
          <Row
            key={entry.id}
            group={group}
            entry={entry}
            index={offset + i}
            isOver={over === offset + i}
            onOver={setOver}
            onMove={move}
          />
        ))}
      </ol>
      {rows < queue.length && (
        <button type="button" class="button is-plain" onClick={() => setRows(rows + pageRows)}>
          Show more of {plural(queue.length, 'track')}
        </button>
      )}
      <p class="unseen" aria-live="polite">
        {said}
      </p>
    </section>
  )
}

interface RowProps {
  readonly group: GroupStatus
  readonly entry: EntryStatus
  readonly index: number
  readonly isOver: boolean
  readonly onOver: (index: number | undefined) => void
  readonly onMove: (entry: EntryStatus, to: number) => void
}

function Row({ group, entry, index, isOver, onOver, onMove }: RowProps) {
  const row = useRef<HTMLLIElement>(null)
  const handle = useRef<HTMLButtonElement>(null)
  const moved = useRef(false)
  // A row that moved by keyboard keeps the focus.
  useEffect(() => {
    if (moved.current) handle.current?.focus()
    moved.current = false
  }, [index])
  const isCurrent = entry.id === group.current
  const artist = entry.tags?.artist
  return (
    <li
      ref={row}
      class={`row ${isCurrent ? 'is-current' : ''} ${isOver ? 'is-over' : ''}`}
      data-row={index}
      aria-current={isCurrent ? 'true' : undefined}
    >
      <button
        ref={handle}
        type="button"
        class="grip"
        aria-label={`Move ${entry.title}: use the up and down arrow keys`}
        title="Drag, or use the arrow keys"
        onPointerDown={(event) =>
          startDrag(event, row.current!, 'data-row', {
            over: (target) => onOver(target && Number(target.dataset.row)),
            drop: (target) => target && onMove(entry, Number(target.dataset.row)),
          })
        }
        onKeyDown={(event) => {
          const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0
          if (step === 0) return
          event.preventDefault()
          moved.current = true
          onMove(entry, index + step)
        }}
      >
        {isCurrent && group.state === 'playing' ? <i class="bars" /> : <Icon name="grip" />}
      </button>
      <button
        type="button"
        class="row-name"
        onClick={() => house.do({ command: 'play', group: group.id, entry: entry.id })}
      >
        <span class="unseen">Play </span>
        <b>{entry.title}</b>
        <small>{artist ?? (entry.live ? 'Live' : ' ')}</small>
      </button>
      <span class="figure quiet">{entry.durationMs !== undefined && clockTime(entry.durationMs)}</span>
      <IconButton
        icon="close"
        label={`Remove ${entry.title}`}
        onClick={() => house.do({ command: 'removeTrack', group: group.id, entry: entry.id })}
      />
    </li>
  )
}
