/** What a client accepts from a server; unknown fields are dropped (Sendspin, "Forward compatibility"). */
import { z } from 'zod'
import { artworkSources, imageFormats } from './artwork-role.js'
import { codecNames } from './audio-format.js'
import { repeatModes } from './controller-role.js'
import {
  bitDepth,
  channels,
  outputDelayMs,
  pixels,
  sampleRate,
  serverUs,
  text,
  timeUs,
  token,
  tokens,
  url,
  volume,
} from './field-schema.js'
import type { MessageSchemas } from './message.js'
import { connectionReasons, playbackStates, type ServerMessage } from './server-message.js'

const clearableText = text.nullable().exactOptional()
const repeat = z.enum(repeatModes)

const metadata = z.object({
  timestamp: serverUs,
  title: clearableText,
  artist: clearableText,
  album_artist: clearableText,
  album: clearableText,
  artwork_url: url.nullable().exactOptional(),
  year: z.int().nullable().exactOptional(),
  track: z.int().nullable().exactOptional(),
  progress: z
    .object({ track_progress: z.number(), track_duration: z.number(), playback_speed: z.number() })
    .nullable()
    .exactOptional(),
  repeat: repeat.nullable().exactOptional(),
  shuffle: z.boolean().nullable().exactOptional(),
})

const controllerState = z.object({
  supported_commands: tokens.exactOptional(),
  volume: volume.exactOptional(),
  muted: z.boolean().exactOptional(),
  repeat: repeat.exactOptional(),
  shuffle: z.boolean().exactOptional(),
  seek_max_ms: z.number().min(0).nullable().exactOptional(),
})

const playerCommand = z.discriminatedUnion('command', [
  z.object({ command: z.literal('volume'), volume }),
  z.object({ command: z.literal('mute'), mute: z.boolean() }),
  z.object({ command: z.literal('set_static_delay'), static_delay_ms: outputDelayMs }),
  z.object({ command: z.literal('set_output_delay'), output_delay_ms: outputDelayMs }),
])

const playerStream = z.object({
  codec: z.enum(codecNames),
  sample_rate: sampleRate,
  channels,
  bit_depth: bitDepth.exactOptional(),
  codec_header: z.base64().max(65_536).exactOptional(),
})

const artworkStream = z.object({
  channels: z
    .array(z.object({ source: z.enum(artworkSources), format: z.enum(imageFormats), width: pixels, height: pixels }))
    .max(4),
})

const streamRoles = z.object({ roles: tokens.exactOptional() })

export const serverSchemas: MessageSchemas<ServerMessage> = {
  'server/hello': z.object({
    server_id: token,
    name: text,
    version: z.int(),
    active_roles: tokens,
    connection_reason: z.enum(connectionReasons),
  }),
  'server/time': z.object({ client_transmitted: timeUs, server_received: serverUs, server_transmitted: serverUs }),
  'server/state': z.object({
    metadata: metadata.nullable().exactOptional(),
    controller: controllerState.nullable().exactOptional(),
  }),
  'server/command': z.object({ player: playerCommand.exactOptional() }),
  'group/update': z.object({
    playback_state: z.enum(playbackStates).exactOptional(),
    group_id: token.exactOptional(),
    group_name: text.exactOptional(),
  }),
  'stream/start': z.object({ player: playerStream.exactOptional(), artwork: artworkStream.exactOptional() }),
  'stream/clear': streamRoles,
  'stream/end': streamRoles,
}
