/**
 * `_tutti_channel@v1`: the server says which of the programme's channels a player of ours plays, as for the two halves
 * of a stereo pair. An application's own role; what the player does about it shows in its telemetry.
 */
import * as v from 'valibot'
import type { Role } from './role.js'

export const channelRole = '_tutti_channel@v1' satisfies Role

export const channelModes = ['stereo', 'left', 'right', 'mono'] as const
/** Which of the programme's channels a room plays: both as they are, one of them everywhere, or their mean. */
export type ChannelMode = (typeof channelModes)[number]

export interface ChannelMessage {
  readonly type: 'server/_tutti_channel'
  readonly payload: { readonly channel: ChannelMode }
}

export const channelSchemas = {
  'server/_tutti_channel': v.object({ channel: v.picklist(channelModes) }),
}
