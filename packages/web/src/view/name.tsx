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
  const place = useRef<HTMLSpanElement>(null)
  /** True from when the field is opened until it has said what it has to say: losing the focus as it goes is no word. */
  const isOpen = useRef(false)
  const wasEditing = useRef(false)
  const isEditing = draft !== undefined
  useEffect(() => {
    if (isEditing) input.current?.select()
    // Who renamed by keyboard goes on from here; a click elsewhere has taken the focus with it.
    else if (wasEditing.current && document.activeElement === document.body)
      place.current?.querySelector('button')?.focus()
    wasEditing.current = isEditing
  }, [isEditing])
  if (draft === undefined) {
    const open = (): void => {
      isOpen.current = true
      setDraft(name)
    }
    return (
      <span class="name" ref={place}>
        <Heading>{name}</Heading>
        <IconButton icon="edit" label={`Rename ${what} ${name}`} class="is-small" onClick={open} />
      </span>
    )
  }
  const finish = (): void => {
    if (!isOpen.current) return
    isOpen.current = false
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
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          isOpen.current = false
          setDraft(undefined)
        }}
        onBlur={finish}
      />
    </form>
  )
}
