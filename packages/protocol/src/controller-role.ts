/** What the `controller` role adds to messages. */

export const repeatModes = ['off', 'one', 'all'] as const
export type RepeatMode = (typeof repeatModes)[number]

export const plainControllerCommands = [
  'play',
  'pause',
  'stop',
  'next',
  'previous',
  'repeat_off',
  'repeat_one',
  'repeat_all',
  'shuffle',
  'unshuffle',
  'switch',
] as const

/** `controller` in `client/command`; ignored unless `supported_commands` offers it. */
export type ControllerCommand =
  | { readonly command: (typeof plainControllerCommands)[number] }
  /** Of the group, 0 to 100: the rounded mean of its players, each keeping its distance to the others. */
  | { readonly command: 'volume'; readonly volume: number }
  | { readonly command: 'mute'; readonly mute: boolean }
  | { readonly command: 'seek'; readonly position_ms: number }
  | { readonly command: 'seek_relative'; readonly offset_ms: number }

/** `controller` in `server/state`: what changed since the last one. */
export interface ControllerState {
  readonly supported_commands?: readonly string[]
  readonly volume?: number
  readonly muted?: boolean
  readonly repeat?: RepeatMode
  readonly shuffle?: boolean
  /** Farthest `seek` goes; there if and only if `seek` is offered. */
  readonly seek_max_ms?: number | null
}
