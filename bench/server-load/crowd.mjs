/**
 * Many fake rooms in one process: each says what a player must, asks for the time and takes its audio, and decodes
 * nothing. Told to record, it notes when what arrives.
 */
import { setTimeout } from 'node:timers/promises'
import { Notebook } from './notebook.mjs'
import { SendspinRoom } from './sendspin-room.mjs'
import { SnapcastRoom } from './snapcast-room.mjs'

const kinds = { sendspin: SendspinRoom, snapcast: SnapcastRoom }
const { protocol, port, clients, probesPerS } = JSON.parse(process.argv[2])
/** Nobody switches a thousand rooms on in the same millisecond. */
const joinsPerS = 200
const joinPatienceMs = 15_000

const notebook = new Notebook()
const rooms = []
for (let number = 0; number < clients; number++) {
  rooms.push(new kinds[protocol](port, number, probesPerS, notebook))
  await setTimeout(1000 / joinsPerS)
}
const giveUpAt = Date.now() + joinPatienceMs
while (!rooms.every(({ isPlaying }) => isPlaying) && Date.now() < giveUpAt) await setTimeout(50)
process.send({ type: 'playing' })

process.on('message', (order) => {
  if (order === 'record') notebook.open()
  else
    process.send({
      type: 'figures',
      figures: { connected: rooms.filter(({ isPlaying }) => isPlaying).length, ...notebook.figures },
    })
})
