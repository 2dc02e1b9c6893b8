import { useEffect, useRef, useState } from 'preact/hooks'
import { IconButton } from './icon.js'

interface NameProps {
  readonly name: string
  /** What carries it: "room". */
  readonly what: string
  readonly level: 'h2' | 'h3'
  readonly onRename: (name: string) => void
}

/** A name that can be changed where it stands. */
export function Name({ name, what, level: Heading, onRename }: NameProps) {
  const [draft, setDraft] = useState<string | undefined>(undefined)
  const input = useRef<HTMLInputElement>(null)
  const isEditing = draft !== undefined
  useEffect(() => {
    if (isEditing) input.current?.select()
  }, [isEditing])
  if (draft === undefined) {
    return (
      <span class="name">
        <Heading>{name}</Heading>
        <IconButton icon="edit" label={`Rename ${what} ${name}`} class="is-small" onClick={() => setDraft(name)} />
      </span>
    )
  }
  const finish = (): void => {
    const wanted = draft.trim()
    if (wanted !== '' && wanted !== name) onRename(wanted)
    setDraft(undefined)
  }
  return (
    <form
      class="name"
      onSubmit={(event) => {
        event.preventDefault()
        finish()
      }}
    >
      <input
        class="name-input"
        aria-label={`New name of ${what} ${name}`}
        maxLength={100}
        value={draft}
        ref={input}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && setDraft(undefined)}
        onBlur={finish}
      />
    </form>
  )
}
