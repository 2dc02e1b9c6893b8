import { clientSchemas } from '@tutti/protocol'
import { expect } from 'chai'
import * as v from 'valibot'
import { clientHello } from '../src/session-hello.js'
import { config } from './conversation.js'

describe('clientHello', () => {
  it('says who the player is, what it can decode and how much it can hold, in words a server takes', () => {
    const { type, payload } = clientHello(config)
    expect(type).to.equal('client/hello')
    expect(payload).to.deep.equal({
      client_id: 'kitchen-1',
      name: 'Kitchen',
      version: 1,
      supported_roles: ['player@v1', 'metadata@v1', '_tutti_telemetry@v1', '_tutti_channel@v1'],
      device_info: config.device,
      'player@v1_support': {
        supported_formats: [
          { codec: 'opus', channels: 2, sample_rate: 48_000, bit_depth: 16 },
          { codec: 'flac', channels: 2, sample_rate: 48_000, bit_depth: 24 },
          { codec: 'flac', channels: 2, sample_rate: 48_000, bit_depth: 16 },
          { codec: 'pcm', channels: 2, sample_rate: 48_000, bit_depth: 24 },
          { codec: 'pcm', channels: 2, sample_rate: 48_000, bit_depth: 16 },
        ],
        buffer_capacity: 4_000_000,
        supported_commands: ['volume', 'mute'],
      },
    })
    expect(v.parse(clientSchemas['client/hello'], payload)).to.deep.equal(payload)
  })
})
