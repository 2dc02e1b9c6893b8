/** What people can ask of the server, from the control API or a program. */
import { channelModes, repeatModes } from '@tutti/protocol'
import { z } from 'zod'

const id = z.string().min(1).max(256)
const name = z.string().trim().min(1).max(100)
const percent = z.number().int().min(0).max(100)
const milliseconds = z.number().int().min(0).max(1e9)
const index = z.number().int().min(0).max(1e6)
const track = z.strictObject({
  location: z.string().min(1).max(4096),
  live: z.boolean().optional(),
  title: z.string().min(1).max(1000).optional(),
})
const inGroup = { group: id }
const ofClient = { client: id }

/** One schema for each command; positions in a queue count from 0. */
export const commandSchema = z.discriminatedUnion('command', [
  /** From where it stands, or from the start of `entry`. */
  z.strictObject({ command: z.literal('play'), ...inGroup, entry: id.optional() }),
  z.strictObject({ command: z.literal('pause'), ...inGroup }),
  z.strictObject({ command: z.literal('stop'), ...inGroup }),
  z.strictObject({ command: z.literal('next'), ...inGroup }),
  z.strictObject({ command: z.literal('previous'), ...inGroup }),
  z.strictObject({ command: z.literal('seek'), ...inGroup, positionMs: milliseconds }),
  z.strictObject({ command: z.literal('seekRelative'), ...inGroup, offsetMs: z.number().int().min(-1e9).max(1e9) }),
  z.strictObject({ command: z.literal('setRepeat'), ...inGroup, repeat: z.enum(repeatModes) }),
  z.strictObject({ command: z.literal('setShuffle'), ...inGroup, shuffle: z.boolean() }),
  z.strictObject({
    command: z.literal('addTracks'),
    ...inGroup,
    tracks: z.array(track).min(1).max(10_000),
    at: index.optional(),
  }),
  z.strictObject({ command: z.literal('removeTrack'), ...inGroup, entry: id }),
  z.strictObject({ command: z.literal('moveTrack'), ...inGroup, entry: id, to: index }),
  z.strictObject({ command: z.literal('clearQueue'), ...inGroup }),
  /** Ratios unless it says otherwise; distances are what remote controls that speak Sendspin expect to be kept. */
  z.strictObject({
    command: z.literal('setGroupVolume'),
    ...inGroup,
    volume: percent,
    keeps: z.enum(['ratios', 'distances']).optional(),
  }),
  z.strictObject({ command: z.literal('setGroupMuted'), ...inGroup, muted: z.boolean() }),
  z.strictObject({ command: z.literal('renameGroup'), ...inGroup, name }),
  z.strictObject({ command: z.literal('createGroup'), name: name.optional(), clients: z.array(id).max(256) }),
  /** Its clients go to groups of their own. */
  z.strictObject({ command: z.literal('removeGroup'), ...inGroup }),
  z.strictObject({ command: z.literal('moveClient'), ...ofClient, ...inGroup }),
  /** Into a new group of its own. */
  z.strictObject({ command: z.literal('isolateClient'), ...ofClient }),
  z.strictObject({ command: z.literal('renameClient'), ...ofClient, name }),
  z.strictObject({ command: z.literal('setVolume'), ...ofClient, volume: percent }),
  z.strictObject({ command: z.literal('setMuted'), ...ofClient, muted: z.boolean() }),
  z.strictObject({
    command: z.literal('setOutputDelay'),
    ...ofClient,
    outputDelayMs: z.number().int().min(0).max(5000),
  }),
  /** Into what rooms hear, or by itself where nothing plays; `rooms` are ids or names. Either a `location` or a `text`. */
  z.strictObject({
    command: z.literal('announce'),
    rooms: z.array(id).min(1).max(256),
    location: z.string().min(1).max(4096).optional(),
    /** To be spoken by a program of the server's machine. */
    text: z.string().trim().min(1).max(2000).optional(),
    duckDb: z.number().min(0).max(60).optional(),
    fadeMs: z.number().int().min(10).max(2000).optional(),
  }),
  /** Which of the programme's channels the room plays; players of ours only. */
  z.strictObject({ command: z.literal('setChannel'), ...ofClient, channel: z.enum(channelModes) }),
  /** Only one that is not connected. */
  z.strictObject({ command: z.literal('forgetClient'), ...ofClient }),
])

export type Command = z.infer<typeof commandSchema>
export type AnnounceCommand = Extract<Command, { command: 'announce' }>
/** What can be carried out at once: an announcement must be had first. */
export type PromptCommand = Exclude<Command, AnnounceCommand>
export type CommandName = PromptCommand['command']
