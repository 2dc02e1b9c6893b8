/** The page's own icons: strokes on a 24-unit grid. */

const paths = {
  play: 'M8 5.2v13.6a.6.6 0 0 0 .92.5l10.4-6.8a.6.6 0 0 0 0-1L8.92 4.7a.6.6 0 0 0-.92.5z',
  pause: 'M7 5h3.2v14H7zM13.8 5H17v14h-3.2z',
  next: 'M6 5.6v12.8a.5.5 0 0 0 .78.42L16 12.4V18a1 1 0 0 0 2 0V6a1 1 0 0 0-2 0v5.6L6.78 5.18A.5.5 0 0 0 6 5.6z',
  previous: 'M18 5.6v12.8a.5.5 0 0 1-.78.42L8 12.4V18a1 1 0 0 1-2 0V6a1 1 0 0 1 2 0v5.6l9.22-6.42a.5.5 0 0 1 .78.42z',
  repeat: 'M17 2.5 20.5 6 17 9.5M3.5 11.5V10a4 4 0 0 1 4-4h13M7 21.5 3.5 18 7 14.5M20.5 12.5V14a4 4 0 0 1-4 4h-13',
  shuffle: 'M16 3.5h4.5V8M4 20 20.5 3.5M20.5 16v4.5H16M15 15l5.5 5.5M4 4l5 5',
  speaker:
    'M6.5 2.8h11a1 1 0 0 1 1 1v16.4a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1V3.8a1 1 0 0 1 1-1zM12 17.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM12 6.6v.01',
  loud: 'M11 5.5 6.5 9H3.5v6h3l4.5 3.5zM15 9a4.2 4.2 0 0 1 0 6M17.8 6.2a8.2 8.2 0 0 1 0 11.6',
  muted: 'M11 5.5 6.5 9H3.5v6h3l4.5 3.5zM15.5 9.5l5 5M20.5 9.5l-5 5',
  note: 'M9 18.5V5.2l10.5-2v13M9 18.5a2.8 2.8 0 1 1-5.6 0 2.8 2.8 0 0 1 5.6 0zM19.5 16.2a2.8 2.8 0 1 1-5.6 0 2.8 2.8 0 0 1 5.6 0z',
  pulse: 'M2.5 12h4l2.8-7.5 4.6 15 3-7.5h4.6',
  device:
    'M8 2.5h8a1.5 1.5 0 0 1 1.5 1.5v16a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.500 20V4A1.5 1.5 0 0 1 8 2.5zM11 18.5h2',
  grip: 'M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
  more: 'M5.5 12h.01M12 12h.01M18.500 12h.01',
  folder:
    'M3.500 6.500a1.500 1.500 0 0 1 1.500-1.500h4.500l2 2.500h7.500a1.500 1.500 0 0 1 1.500 1.500v9a1.500 1.500 0 0 1-1.500 1.500h-14.500a1.500 1.500 0 0 1-1.500-1.500z',
  back: 'M14.500 5.500 8 12l6.500 6.500',
  gear: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
  edit: 'M4.500 19.500l.8-3.800L16 5a2 2 0 0 1 3 3L8.300 18.700z',
  radio:
    'M12 13.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3zM8.100 15.900a5.500 5.500 0 0 1 0-7.800M15.900 8.100a5.500 5.500 0 0 1 0 7.800M5.300 18.700a9.500 9.500 0 0 1 0-13.400M18.700 5.300a9.500 9.500 0 0 1 0 13.400',
  chevron: 'M6 9.500l6 6 6-6',
} as const

export type IconName = keyof typeof paths

const filled: ReadonlySet<IconName> = new Set(['play', 'pause', 'next', 'previous'])

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class={filled.has(name) ? 'icon filled' : 'icon'} viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}

export interface IconButtonProps {
  readonly icon: IconName
  /** What it does, for those who cannot see the icon, and as a tooltip. */
  readonly label: string
  readonly class?: string
  readonly pressed?: boolean
  readonly expanded?: boolean
  readonly disabled?: boolean
  readonly onClick: () => void
}

export function IconButton({ icon, label, class: kind = '', pressed, expanded, disabled, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      class={`icon-button ${kind}`}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  )
}
