/** Frames for property tests: noise, near misses and, most often, things that look right until the last field. */
import fc from 'fast-check'
import { clientSchemas, serverSchemas } from '../src/index.js'

const knownType = fc.constantFrom(...Object.keys(clientSchemas), ...Object.keys(serverSchemas))
const fields = fc.dictionary(
  fc.constantFrom('player', 'controller', 'metadata', 'roles', 'state', 'command', 'volume', '__proto__', 'client_id'),
  fc.jsonValue(),
)

export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc
    .record({ type: fc.oneof(knownType, fc.string()), payload: fc.oneof(fields, fc.jsonValue()) })
    .map((value) => JSON.stringify(value)),
)

export const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .tuple(fc.integer({ min: 0, max: 16 }), fc.uint8Array({ maxLength: 32 }))
    .map(([id, rest]) => Uint8Array.of(id, ...rest)),
)
