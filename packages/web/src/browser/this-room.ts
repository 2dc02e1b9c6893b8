/** This device as a room: what the page shows of it, and the player behind it, loaded when it is first wanted. */
import { signal } from '@preact/signals'
import type { BrowserRoom, RoomReport } from './browser-room.js'
import { recall, remember } from './memory.js'

export const thisRoom = {
  isOn: signal(false),
  isStarting: signal(false),
  report: signal<RoomReport | undefined>(undefined),
  problem: signal<string | undefined>(undefined),
  name: signal(recall('room-name') ?? ''),
}

let room: BrowserRoom | undefined

/** Call it from a tap: browsers let pages sound only then. */
export async function joinAsRoom(name: string): Promise<void> {
  thisRoom.name.value = name
  remember('room-name', name)
  thisRoom.isStarting.value = true
  thisRoom.problem.value = undefined
  let context: AudioContext | undefined
  try {
    // Within the tap: Safari forgets it once anything has been waited for.
    context = new AudioContext({ latencyHint: 'playback', sampleRate: 48_000 })
    void context.resume()
    const { BrowserRoom } = await import('./browser-room.js')
    room = await BrowserRoom.open({
      context,
      name,
      onReport: (report) => {
        thisRoom.report.value = report
      },
      onProblem: (text) => {
        thisRoom.problem.value = text
      },
      onEnd: (reason) => {
        over()
        thisRoom.problem.value = reason
      },
    })
    thisRoom.isOn.value = true
  } catch (error) {
    void context?.close()
    thisRoom.problem.value = error instanceof Error ? error.message : String(error)
  }
  thisRoom.isStarting.value = false
}

export async function leaveAsRoom(): Promise<void> {
  const leaving = room
  over()
  await leaving?.stop()
}

function over(): void {
  room = undefined
  thisRoom.isOn.value = false
  thisRoom.report.value = undefined
  thisRoom.problem.value = undefined
}
