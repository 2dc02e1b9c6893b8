import type { ServerUs } from '@tutti/clock'
import AudioBuffer from 'audio-buffer'
import { expect } from 'chai'
import type { ChannelMode, PlayoutControl } from '../src/control.js'
import { MediaRing } from '../src/media-ring.js'
import { type AudioThread, startAudioThread } from '../src/node/audio-thread.js'
import { hrtimeUs, LocalClock } from '../src/node/local-clock.js'
import { OutputError, type OutputSpec } from '../src/node/outputs/open-output.js'

const format = { sampleRate: 48_000, channels: 2 }
const output = { kind: 'virtual', ppm: 60, bufferMs: 200, periodMs: 10, delayNoiseUs: 20, seed: 1 } as const
const skew = { offsetUs: 5e9, ppm: -30 }

const unexpected = (error: Error) => {
  throw error
}

function filledRing(frames: number): MediaRing {
  const ring = MediaRing.allocate(frames)
  ring.append(new AudioBuffer({ length: frames, sampleRate: 48_000, numberOfChannels: 2 }))
  return ring
}

/** The server's clock is the machine's own; the player's is off by `skew`, and known exactly. */
function controlFrom(startInUs: number): PlayoutControl {
  const now = hrtimeUs()
  return {
    clock: {
      localAt: new LocalClock(skew).at(now),
      serverAt: now as ServerUs,
      driftPpm: (1 / (1 + skew.ppm * 1e-6) - 1) * 1e6,
      errorBoundUs: 0,
      errorGrowthPpm: 0,
    },
    anchor: { epoch: 1, frame: 0, serverAt: (now + startInUs) as ServerUs, sampleRate: 48_000 },
    gain: 1,
    outputDelayUs: 0,
    channelMode: 'stereo',
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited for 10 s in vain')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('startAudioThread', () => {
  let thread: AudioThread | undefined
  afterEach(async () => {
    await thread?.stop()
    thread = undefined
  })

  it('plays on while the main thread stands still for 300 ms', async () => {
    // A roomy buffer: what is tested is independence from the main thread, not from the machine.
    const roomy = { ...output, bufferMs: 500 }
    thread = await startAudioThread({ output: roomy, format, media: filledRing(480_000), skew }, unexpected)
    thread.control.write(controlFrom(500_000))
    await until(() => thread?.telemetry.read()?.state === 'playing')
    const before = thread.telemetry.read()!
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
    const after = thread.telemetry.read()!
    expect(after.state).to.equal('playing')
    expect(after.starvations).to.equal(0)
    expect(after.underruns).to.equal(before.underruns)
    // Periods come whole: two of 10 ms may be on their way at either end.
    expect(after.playheadFrame - before.playheadFrame).to.be.above(0.28 * 48_000)
  })

  it('is truly heard when the timeline says, whatever its clock and its card run like', async () => {
    thread = await startAudioThread({ output, format, media: filledRing(480_000), skew }, unexpected)
    thread.control.write(controlFrom(500_000))
    await until(() => thread?.telemetry.read()?.state === 'playing')
    const errorsUs: number[] = []
    while (errorsUs.length < 100) {
      const { heardServerAt, trueHeardAtUs } = thread.hearing()!
      if (!Number.isNaN(heardServerAt)) errorsUs.push(trueHeardAtUs - heardServerAt)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    errorsUs.sort((a, b) => a - b)
    // Not knowable: half a frame, and 18 µs of 200 ms that a card 60 ppm fast reports to a clock 30 ppm slow.
    expect(Math.abs(errorsUs[50]!)).to.be.below(100)
  })

  it('rejects with one line when the output cannot be opened', async () => {
    const wav: OutputSpec = { kind: 'wav', path: '/no/such/folder/room.wav', sample: 'float32' }
    const refusal = await startAudioThread({ output: wav, format, media: filledRing(1_000) }, unexpected).catch(
      (error) => error,
    )
    expect(refusal).to.be.instanceOf(OutputError)
    expect(refusal.message).to.match(/^cannot open the wav output: ENOENT[^\n]*$/)
  })

  it('says nothing before the first control and is gone after stop', async () => {
    thread = await startAudioThread({ output, format, media: filledRing(1_000) }, unexpected)
    await until(() => thread?.telemetry.read() !== undefined)
    expect(thread.telemetry.read()!.state).to.equal('idle')
    expect(thread.hearing()!.heardServerAt).to.be.NaN
    await Promise.all([thread.stop(), thread.stop()])
    const last = thread.telemetry.read()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(thread.telemetry.read()).to.equal(last)
  })

  it('reports a fault in the audio thread once, and can still be stopped', async () => {
    const failures: Error[] = []
    thread = await startAudioThread({ output, format, media: filledRing(1_000) }, (error) => failures.push(error))
    thread.control.write({ ...controlFrom(0), channelMode: 'quadraphonic' as ChannelMode })
    await until(() => failures.length > 0)
    await thread.stop()
    expect(failures.map(({ name }) => name)).to.deep.equal(['OutputError'])
  })
})
