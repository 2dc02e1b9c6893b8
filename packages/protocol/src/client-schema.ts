/**
 * What a server accepts from clients: the fields it knows must have the right type and a sane size, any others are
 * dropped (Sendspin, "Forward compatibility").
 */
import * as v from 'valibot'
import { artworkSources, imageFormats } from './artwork-role.js'
import { type ClientMessage, goodbyeReasons } from './client-message.js'
import { plainControllerCommands } from './controller-role.js'
import {
  bitDepth,
  channels,
  codec,
  count,
  leadMs,
  outputDelayMs,
  pixels,
  positionMs,
  sampleRate,
  text,
  timeUs,
  token,
  tokens,
  volume,
  whole,
  wholeBetween,
} from './field-schema.js'
import type { MessageSchemas } from './message.js'
import { playerConditions } from './player-role.js'

const condition = v.picklist(playerConditions)
const deviceText = v.exactOptional(v.nullable(text))
const deviceInfo = v.object({
  product_name: deviceText,
  manufacturer: deviceText,
  software_version: deviceText,
  mac_address: deviceText,
})

const source = v.picklist(artworkSources)
const imageFormat = v.picklist(imageFormats)
const artworkChannel = v.object({ source, format: imageFormat, media_width: pixels, media_height: pixels })
const artworkSupport = v.object({ channels: v.pipe(v.array(artworkChannel), v.maxLength(4)) })
const artworkRequest = v.object({
  channel: wholeBetween(0, 3),
  source: v.exactOptional(source),
  format: v.exactOptional(imageFormat),
  media_width: v.exactOptional(pixels),
  media_height: v.exactOptional(pixels),
})

const playerFormat = v.object({ codec, channels, sample_rate: sampleRate, bit_depth: bitDepth })
const playerRequest = v.object({
  codec: v.exactOptional(codec),
  channels: v.exactOptional(channels),
  sample_rate: v.exactOptional(sampleRate),
  bit_depth: v.exactOptional(bitDepth),
})

const playerSupport = v.object({
  supported_formats: v.pipe(v.array(playerFormat), v.minLength(1), v.maxLength(256)),
  buffer_capacity: count,
  supported_commands: v.exactOptional(tokens),
})

const playerState = v.object({
  state: v.exactOptional(condition),
  volume: v.exactOptional(volume),
  muted: v.exactOptional(v.boolean()),
  static_delay_ms: v.exactOptional(outputDelayMs),
  output_delay_ms: v.exactOptional(outputDelayMs),
  required_lead_time_ms: v.exactOptional(leadMs),
  min_buffer_ms: v.exactOptional(leadMs),
  supported_commands: v.exactOptional(tokens),
})

const controllerCommand = v.variant('command', [
  v.object({ command: v.picklist(plainControllerCommands) }),
  v.object({ command: v.literal('volume'), volume }),
  v.object({ command: v.literal('mute'), mute: v.boolean() }),
  v.object({ command: v.literal('seek'), position_ms: positionMs }),
  v.object({ command: v.literal('seek_relative'), offset_ms: positionMs }),
])

export const clientSchemas: MessageSchemas<ClientMessage> = {
  'client/hello': v.object({
    client_id: token,
    name: text,
    version: whole,
    supported_roles: tokens,
    device_info: v.exactOptional(v.nullable(deviceInfo)),
    'player@v1_support': v.exactOptional(v.nullable(playerSupport)),
    'artwork@v1_support': v.exactOptional(v.nullable(artworkSupport)),
  }),
  'client/time': v.object({ client_transmitted: timeUs }),
  'client/state': v.object({
    state: v.exactOptional(condition),
    player: v.exactOptional(v.nullable(playerState)),
  }),
  'client/command': v.object({ controller: v.exactOptional(controllerCommand) }),
  'stream/request-format': v.object({
    player: v.exactOptional(playerRequest),
    artwork: v.exactOptional(artworkRequest),
  }),
  'client/goodbye': v.object({ reason: v.picklist(goodbyeReasons) }),
}
