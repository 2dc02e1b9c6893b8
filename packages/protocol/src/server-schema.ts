/** What a client accepts from a server; unknown fields are dropped (Sendspin, "Forward compatibility"). */
import * as v from 'valibot'
import { artworkSources, imageFormats } from './artwork-role.js'
import { codecNames } from './audio-format.js'
import { repeatModes } from './controller-role.js'
import {
  bitDepth,
  channels,
  finiteNumber,
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
  whole,
} from './field-schema.js'
import type { MessageSchemas } from './message.js'
import { connectionReasons, playbackStates, type ServerMessage } from './server-message.js'

const clearableText = v.exactOptional(v.nullable(text))
const repeat = v.picklist(repeatModes)

const progress = v.object({ track_progress: finiteNumber, track_duration: finiteNumber, playback_speed: finiteNumber })
const metadata = v.object({
  timestamp: serverUs,
  title: clearableText,
  artist: clearableText,
  album_artist: clearableText,
  album: clearableText,
  artwork_url: v.exactOptional(v.nullable(url)),
  year: v.exactOptional(v.nullable(whole)),
  track: v.exactOptional(v.nullable(whole)),
  progress: v.exactOptional(v.nullable(progress)),
  repeat: v.exactOptional(v.nullable(repeat)),
  shuffle: v.exactOptional(v.nullable(v.boolean())),
})

const controllerState = v.object({
  supported_commands: v.exactOptional(tokens),
  volume: v.exactOptional(volume),
  muted: v.exactOptional(v.boolean()),
  repeat: v.exactOptional(repeat),
  shuffle: v.exactOptional(v.boolean()),
  seek_max_ms: v.exactOptional(v.nullable(v.pipe(finiteNumber, v.minValue(0)))),
})

const playerCommand = v.variant('command', [
  v.object({ command: v.literal('volume'), volume }),
  v.object({ command: v.literal('mute'), mute: v.boolean() }),
  v.object({ command: v.literal('set_static_delay'), static_delay_ms: outputDelayMs }),
  v.object({ command: v.literal('set_output_delay'), output_delay_ms: outputDelayMs }),
])

const playerStream = v.object({
  codec: v.picklist(codecNames),
  sample_rate: sampleRate,
  channels,
  bit_depth: v.exactOptional(bitDepth),
  codec_header: v.exactOptional(v.pipe(v.string(), v.maxLength(65_536), v.base64())),
})

const artworkChannel = v.object({
  source: v.picklist(artworkSources),
  format: v.picklist(imageFormats),
  width: pixels,
  height: pixels,
})
const artworkStream = v.object({
  channels: v.pipe(v.array(artworkChannel), v.maxLength(4)),
})

const streamRoles = v.object({ roles: v.exactOptional(tokens) })

export const serverSchemas: MessageSchemas<ServerMessage> = {
  'server/hello': v.object({
    server_id: token,
    name: text,
    version: whole,
    active_roles: tokens,
    connection_reason: v.picklist(connectionReasons),
  }),
  'server/time': v.object({ client_transmitted: timeUs, server_received: serverUs, server_transmitted: serverUs }),
  'server/state': v.object({
    metadata: v.exactOptional(v.nullable(metadata)),
    controller: v.exactOptional(v.nullable(controllerState)),
  }),
  'server/command': v.object({ player: v.exactOptional(playerCommand) }),
  'group/update': v.object({
    playback_state: v.exactOptional(v.picklist(playbackStates)),
    group_id: v.exactOptional(token),
    group_name: v.exactOptional(text),
  }),
  'stream/start': v.object({ player: v.exactOptional(playerStream), artwork: v.exactOptional(artworkStream) }),
  'stream/clear': streamRoles,
  'stream/end': streamRoles,
}
