/**
 * What a server accepts from clients: the fields it knows must have the right type and a sane size, any others are
 * dropped (Sendspin, "Forward compatibility").
 */
import { z } from 'zod'
import { artworkSources, imageFormats } from './artwork-role.js'
import { type ClientMessage, goodbyeReasons } from './client-message.js'
import { plainControllerCommands } from './controller-role.js'
import {
  bitDepth,
  channels,
  codec,
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
} from './field-schema.js'
import type { MessageSchemas } from './message.js'
import { playerConditions } from './player-role.js'

const condition = z.enum(playerConditions)
const deviceText = text.nullable().exactOptional()

const source = z.enum(artworkSources)
const imageFormat = z.enum(imageFormats)
const artworkChannel = z.object({ source, format: imageFormat, media_width: pixels, media_height: pixels })
const artworkRequest = z.object({
  channel: z.int().min(0).max(3),
  source: source.exactOptional(),
  format: imageFormat.exactOptional(),
  media_width: pixels.exactOptional(),
  media_height: pixels.exactOptional(),
})

const playerFormat = z.object({ codec, channels, sample_rate: sampleRate, bit_depth: bitDepth })
const playerRequest = z.object({
  codec: codec.exactOptional(),
  channels: channels.exactOptional(),
  sample_rate: sampleRate.exactOptional(),
  bit_depth: bitDepth.exactOptional(),
})

const playerSupport = z.object({
  supported_formats: z.array(playerFormat).min(1).max(256),
  buffer_capacity: z.int().min(0),
  supported_commands: tokens.exactOptional(),
})

const playerState = z.object({
  state: condition.exactOptional(),
  volume: volume.exactOptional(),
  muted: z.boolean().exactOptional(),
  static_delay_ms: outputDelayMs.exactOptional(),
  output_delay_ms: outputDelayMs.exactOptional(),
  required_lead_time_ms: leadMs.exactOptional(),
  min_buffer_ms: leadMs.exactOptional(),
  supported_commands: tokens.exactOptional(),
})

const controllerCommand = z.discriminatedUnion('command', [
  z.object({ command: z.enum(plainControllerCommands) }),
  z.object({ command: z.literal('volume'), volume }),
  z.object({ command: z.literal('mute'), mute: z.boolean() }),
  z.object({ command: z.literal('seek'), position_ms: positionMs }),
  z.object({ command: z.literal('seek_relative'), offset_ms: positionMs }),
])

export const clientSchemas: MessageSchemas<ClientMessage> = {
  'client/hello': z.object({
    client_id: token,
    name: text,
    version: z.int(),
    supported_roles: tokens,
    device_info: z
      .object({
        product_name: deviceText,
        manufacturer: deviceText,
        software_version: deviceText,
        mac_address: deviceText,
      })
      .nullable()
      .exactOptional(),
    'player@v1_support': playerSupport.nullable().exactOptional(),
    'artwork@v1_support': z
      .object({ channels: z.array(artworkChannel).max(4) })
      .nullable()
      .exactOptional(),
  }),
  'client/time': z.object({ client_transmitted: timeUs }),
  'client/state': z.object({
    state: condition.exactOptional(),
    player: playerState.nullable().exactOptional(),
  }),
  'client/command': z.object({ controller: controllerCommand.exactOptional() }),
  'stream/request-format': z.object({
    player: playerRequest.exactOptional(),
    artwork: artworkRequest.exactOptional(),
  }),
  'client/goodbye': z.object({ reason: z.enum(goodbyeReasons) }),
}
