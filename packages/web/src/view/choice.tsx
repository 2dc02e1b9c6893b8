import type { ComponentChildren } from 'preact'

interface ChoiceProps<Id extends string> {
  /** What is chosen, for those who cannot see it. */
  readonly label: string
  readonly chosen: Id | undefined
  readonly options: readonly { readonly id: Id; readonly name: ComponentChildren }[]
  readonly onChoose: (id: Id) => void
}

/** One of a few, each a button. */
export function Choice<Id extends string>({ label, chosen, options, onChoose }: ChoiceProps<Id>) {
  return (
    <fieldset class="chips">
      <legend class="unseen">{label}</legend>
      {options.map(({ id, name }) => (
        <button key={id} type="button" class="chip" aria-pressed={id === chosen} onClick={() => onChoose(id)}>
          {name}
        </button>
      ))}
    </fieldset>
  )
}
