/** One room that plays to nobody; tells its parent when it does, and ends when told to. */
import { playerDefaults } from '@tutti/client'
import { joinRoom, roomDefaults } from '@tutti/client/node'

const { url, codec } = JSON.parse(process.argv[2])
const room = await joinRoom({
  ...roomDefaults,
  player: {
    ...playerDefaults,
    clientId: 'room-cost',
    name: 'Room',
    formats: playerDefaults.formats.filter((format) => format.codec === codec && (format.bitDepth ?? 16) === 16),
  },
  connection: { kind: 'dial', url },
  output: { kind: 'null' },
})
const waiting = setInterval(() => {
  if (room.status().playout !== 'playing') return
  clearInterval(waiting)
  process.send('playing')
}, 100)
process.once('message', async () => {
  await room.stop()
  process.exit()
})
