/** Our server as `tutti serve` runs it, without discovery and control API; tells its parent the port. */
import { createOpenSource, serve } from '@tutti/server/node'

const [programme, stateFolder] = process.argv.slice(2)
const server = await serve({
  name: 'Load',
  host: '127.0.0.1',
  port: 0,
  path: '/sendspin',
  control: undefined,
  stateFolder,
  discovers: false,
  players: [],
  openSource: createOpenSource(undefined),
  encoder: { bitrate: 192_000 }, // what snapserver uses unless told otherwise
  appRoles: [],
  appMessages: {},
  sendAheadMs: 5000,
  onEvent: () => {},
  onProblem: (problem) => process.stderr.write(`${problem}\n`),
})
const group = server.status().groups[0].id
await server.command({ command: 'addTracks', group, tracks: [{ location: programme }] })
await server.command({ command: 'setRepeat', group, repeat: 'all' })
await server.command({ command: 'play', group })
process.send({ port: server.port })
