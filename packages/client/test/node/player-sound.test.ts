import type { Clock, LocalUs, Timers } from '@tutti/clock'
import { expect } from 'chai'
import type { PlayoutControl } from '../../src/control.js'
import { MediaRing } from '../../src/media-ring.js'
import type { AudioThread } from '../../src/node/audio-thread.js'
import { PlayerSound } from '../../src/node/player-sound.js'
import { SharedControl } from '../../src/shared-control.js'
import { SharedTelemetry } from '../../src/shared-telemetry.js'

const control: PlayoutControl = {
  clock: undefined,
  anchor: undefined,
  gain: 0.5,
  outputDelayUs: 0,
  channelMode: 'stereo',
}

describe('PlayerSound', () => {
  const setup = {
    output: { kind: 'null' },
    format: { sampleRate: 48_000, channels: 2 },
    media: MediaRing.allocate(4_000),
  } as const
  const clock: Clock = { now: () => 0 as LocalUs }
  let threads: { control: SharedControl; stopped: boolean; fail: (error: Error) => void }[]
  let problems: string[]
  let wakes: (() => void)[]
  let openable: boolean
  const timers: Timers = {
    wakeAt: (_at, run) => {
      wakes.push(run)
      return () => wakes.splice(wakes.indexOf(run), 1)
    },
  }
  const startThread = async (_setup: unknown, fail: (error: Error) => void): Promise<AudioThread> => {
    if (!openable) throw new Error('no such device')
    const thread = { control: new SharedControl(new ArrayBuffer(SharedControl.bytes)), stopped: false, fail }
    threads.push(thread)
    return {
      sampleRate: 48_000,
      channels: 2,
      control: thread.control,
      telemetry: new SharedTelemetry(new ArrayBuffer(SharedTelemetry.bytes)),
      hearing: () => undefined,
      stop: async () => {
        thread.stopped = true
      },
    }
  }
  const start = () => PlayerSound.start(setup, { clock, timers, startThread, onProblem: (text) => problems.push(text) })
  const turn = () => new Promise((resolve) => setImmediate(resolve))

  beforeEach(() => {
    threads = []
    problems = []
    wakes = []
    openable = true
  })

  it('rejects when there is no device at first', async () => {
    openable = false
    expect(await start().catch((error: Error) => error.message)).to.equal('no such device')
  })

  it('opens the device again after it has failed, tells it what it missed, and says that there is sound again', async () => {
    const sound = await start()
    threads[0]!.fail(new Error('unplugged'))
    expect(problems).to.deep.equal(['no sound: unplugged; trying again every 3 s'])
    expect(threads[0]!.stopped).to.equal(true)
    expect(sound.takeTelemetry()).to.equal(undefined)
    sound.control(control)

    openable = false
    wakes.shift()!()
    await turn()
    openable = true
    wakes.shift()!()
    await turn()
    expect(threads[1]!.control.read()).to.equal(control)
    expect(problems.slice(1)).to.deep.equal(['there is sound again'])
    expect(wakes).to.deep.equal([])
    await sound.fadeAndStop()
    expect(threads[1]!.stopped).to.equal(true)
  })

  it('does not come back once it is stopped', async () => {
    const sound = await start()
    threads[0]!.fail(new Error('unplugged'))
    await sound.stop()
    expect(wakes).to.deep.equal([])
    expect(threads).to.have.length(1)
  })
})
