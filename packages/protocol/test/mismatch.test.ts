import { expect } from 'chai'
import fc from 'fast-check'
import * as v from 'valibot'
import { finiteNumber, numberBetween, wholeBetween } from '../src/field-schema.js'
import { clientSchemas, describeMismatch, serverSchemas } from '../src/index.js'

const room = v.strictObject({
  name: v.pipe(v.string(), v.maxLength(3)),
  volume: v.optional(wholeBetween(0, 100)),
  drift: v.optional(finiteNumber),
  codec: v.optional(v.picklist(['opus', 'flac'])),
  devices: v.optional(v.record(v.string(), v.object({ delayMs: numberBetween(0, 5000) }))),
})

function problemsOf(given: unknown, root = ''): readonly string[] {
  return (v.safeParse(room, given).issues ?? []).map((issue) => describeMismatch(issue, root))
}

describe('a description of what is wrong with outside data', () => {
  it('says where it is, what is there and what would do', () => {
    const cases: readonly [unknown, string][] = [
      [{ name: 7 }, 'name: Invalid type: Expected string but received 7'],
      [{ name: 'long' }, 'name: Invalid length: Expected <=3 but received 4'],
      [{ name: 'a', volume: 101 }, 'volume: Invalid value: Expected <=100 but received 101'],
      [{ name: 'a', volume: 1.5 }, 'volume: Expected a whole number'],
      [{ name: 'a', drift: JSON.parse('1e999') }, 'drift: Expected a finite number'],
      [{ name: 'a', codec: 'mp3' }, 'codec: Invalid type: Expected ("opus" | "flac") but received "mp3"'],
      [
        { name: 'a', devices: { dac: { delayMs: null } } },
        'devices.dac.delayMs: Invalid type: Expected number but received null',
      ],
      [{}, 'name: is missing'],
      [{ name: 'a', volum: 3 }, 'volum: there is no such field'],
    ]
    for (const [given, expected] of cases) expect(problemsOf(given)).to.deep.equal([expected])
  })

  it('names the whole where it is given a name, and nothing where it is not', () => {
    expect(problemsOf({ name: 7 }, 'payload')).to.deep.equal([
      'payload.name: Invalid type: Expected string but received 7',
    ])
    expect(problemsOf(5, 'payload')).to.deep.equal(['payload: Invalid type: Expected Object but received 5'])
    expect(problemsOf(5)).to.deep.equal(['Invalid type: Expected Object but received 5'])
  })

  it('is one short line without control characters, whatever a peer puts in', () => {
    const schemas: readonly v.GenericSchema[] = [...Object.values(clientSchemas), ...Object.values(serverSchemas), room]
    const hostile = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.constantFrom('\n', '\u2028', '\u0085'))
    const payload = fc.dictionary(
      fc.constantFrom('name', 'client_id', 'player', 'controller', 'command', 'reason', 'version', 'devices', '\nx'),
      fc.oneof(hostile, fc.dictionary(fc.constantFrom('command', 'codec', '\u001b'), hostile), fc.jsonValue()),
    )
    fc.assert(
      fc.property(fc.constantFrom(...schemas), payload, (schema, given) => {
        for (const issue of v.safeParse(schema, given).issues ?? []) {
          const line = describeMismatch(issue, 'payload')
          expect(line).not.to.match(/[\p{C}\p{Zl}\p{Zp}]/u)
          expect(line.length).to.be.within(5, 300)
        }
      }),
    )
  })
})
