/** The ways to play in step that are worth comparing. */
import { ClockSync } from '@tutti/clock'
import { contenders } from '../contenders.js'
import type { Rival } from './rival.js'
import { SnapcastPlayer, snapcastCard } from './snapcast.js'
import { SqueezeConductor, SqueezelitePlayer } from './squeezelite.js'
import { SteeredPlayer } from './steered-player.js'

const sendspinReference = contenders.find(({ name }) => name === 'sendspin reference')!

export const rivals: readonly Rival[] = [
  {
    name: 'tutti',
    create: (room, at) => {
      const sync = new ClockSync({ random: room.random.fork('probes') })
      return new SteeredPlayer(room, sync, () => sync.state !== 'measuring', at)
    },
  },
  {
    name: 'sendspin reference clock, tutti playout',
    create: (room, at) => new SteeredPlayer(room, sendspinReference.create(room.random.fork('probes')), () => true, at),
  },
  { name: 'snapcast', card: snapcastCard, create: (room, at) => new SnapcastPlayer(room, at) },
  {
    name: 'squeezelite with LMS',
    bufferS: 10, // players pull as much as their buffers hold
    create: (room, at) => new SqueezelitePlayer(room, at),
    conduct: (_, tell) => new SqueezeConductor(tell),
  },
]
