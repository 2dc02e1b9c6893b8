/** What people can ask of the server, from the control API or a program. */
import { channelModes, numberBetween, repeatModes, wholeBetween } from '@tutti/protocol'
import * as v from 'valibot'

/** Of so many characters at least and at most. */
const text = (least: number, most: number) => v.pipe(v.string(), v.minLength(least), v.maxLength(most))
const trimmed = (most: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(most))
const id = text(1, 256)
const name = trimmed(100)
const percent = wholeBetween(0, 100)
const milliseconds = wholeBetween(0, 1e9)
const index = wholeBetween(0, 1e6)
const track = v.strictObject({
  location: text(1, 4096),
  live: v.optional(v.boolean()),
  title: v.optional(text(1, 1000)),
})
const inGroup = { group: id }
const ofClient = { client: id }

/** One schema for each command; positions in a queue count from 0. */
export const commandSchema = v.variant('command', [
  /** From where it stands, or from the start of `entry`. */
  v.strictObject({ command: v.literal('play'), ...inGroup, entry: v.optional(id) }),
  v.strictObject({ command: v.literal('pause'), ...inGroup }),
  v.strictObject({ command: v.literal('stop'), ...inGroup }),
  v.strictObject({ command: v.literal('next'), ...inGroup }),
  v.strictObject({ command: v.literal('previous'), ...inGroup }),
  v.strictObject({ command: v.literal('seek'), ...inGroup, positionMs: milliseconds }),
  v.strictObject({ command: v.literal('seekRelative'), ...inGroup, offsetMs: wholeBetween(-1e9, 1e9) }),
  v.strictObject({ command: v.literal('setRepeat'), ...inGroup, repeat: v.picklist(repeatModes) }),
  v.strictObject({ command: v.literal('setShuffle'), ...inGroup, shuffle: v.boolean() }),
  v.strictObject({
    command: v.literal('addTracks'),
    ...inGroup,
    tracks: v.pipe(v.array(track), v.minLength(1), v.maxLength(10_000)),
    at: v.optional(index),
  }),
  v.strictObject({ command: v.literal('removeTrack'), ...inGroup, entry: id }),
  v.strictObject({ command: v.literal('moveTrack'), ...inGroup, entry: id, to: index }),
  v.strictObject({ command: v.literal('clearQueue'), ...inGroup }),
  /** Ratios unless it says otherwise; distances are what remote controls that speak Sendspin expect to be kept. */
  v.strictObject({
    command: v.literal('setGroupVolume'),
    ...inGroup,
    volume: percent,
    keeps: v.optional(v.picklist(['ratios', 'distances'])),
  }),
  v.strictObject({ command: v.literal('setGroupMuted'), ...inGroup, muted: v.boolean() }),
  v.strictObject({ command: v.literal('renameGroup'), ...inGroup, name }),
  v.strictObject({
    command: v.literal('createGroup'),
    name: v.optional(name),
    clients: v.pipe(v.array(id), v.maxLength(256)),
  }),
  /** Its clients go to groups of their own. */
  v.strictObject({ command: v.literal('removeGroup'), ...inGroup }),
  v.strictObject({ command: v.literal('moveClient'), ...ofClient, ...inGroup }),
  /** Into a new group of its own. */
  v.strictObject({ command: v.literal('isolateClient'), ...ofClient }),
  v.strictObject({ command: v.literal('renameClient'), ...ofClient, name }),
  v.strictObject({ command: v.literal('setVolume'), ...ofClient, volume: percent }),
  v.strictObject({ command: v.literal('setMuted'), ...ofClient, muted: v.boolean() }),
  v.strictObject({
    command: v.literal('setOutputDelay'),
    ...ofClient,
    outputDelayMs: wholeBetween(0, 5000),
  }),
  /** Into what rooms hear, or by itself where nothing plays; `rooms` are ids or names. Either a `location` or a `text`. */
  v.strictObject({
    command: v.literal('announce'),
    rooms: v.pipe(v.array(id), v.minLength(1), v.maxLength(256)),
    location: v.optional(text(1, 4096)),
    /** To be spoken by a program of the server's machine. */
    text: v.optional(trimmed(2000)),
    duckDb: v.optional(numberBetween(0, 60)),
    fadeMs: v.optional(wholeBetween(10, 2000)),
  }),
  /** Which of the programme's channels the room plays; players of ours only. */
  v.strictObject({ command: v.literal('setChannel'), ...ofClient, channel: v.picklist(channelModes) }),
  /** Only one that is not connected. */
  v.strictObject({ command: v.literal('forgetClient'), ...ofClient }),
])

export type Command = v.InferOutput<typeof commandSchema>
export type AnnounceCommand = Extract<Command, { command: 'announce' }>
/** What can be carried out at once: an announcement must be had first. */
export type PromptCommand = Exclude<Command, AnnounceCommand>
export type CommandName = PromptCommand['command']
