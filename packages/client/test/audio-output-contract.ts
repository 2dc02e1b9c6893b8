/** What every output promises, real or virtual. In real time: a second or two per output. */
import { expect } from 'chai'
import type { AudioOutput, Period } from '../src/audio-output.js'

export interface OutputUnderTest {
  readonly name: string
  readonly open: () => Promise<AudioOutput>
  /** How far a report of `heardAt` may be off, µs either way. */
  readonly noiseUs: number
  /** Longer than its buffer: a main thread that stalls so long starves it. */
  readonly stallMs: number
}

export function describeOutputContract({ name, open, noiseUs, stallMs }: OutputUnderTest): void {
  describe(`AudioOutput contract: ${name}`, () => {
    /** Plays until `enough` says so; returns copies of the periods. */
    async function play(output: AudioOutput, enough: (periods: readonly Period[]) => boolean): Promise<Period[]> {
      const periods: Period[] = []
      await new Promise<void>((resolve, reject) => {
        output.start((period) => {
          periods.push({ ...period })
          if (enough(periods)) resolve()
        }, reject)
      })
      return periods
    }

    it('asks for no more than a period at a time, in one Float32Array per channel', async () => {
      const output = await open()
      const seen = await new Promise<{ period: Period; channels: readonly Float32Array[] }>((resolve, reject) => {
        output.start((period, channels) => resolve({ period: { ...period }, channels }), reject)
      })
      await output.stop()
      expect(seen.channels.length).to.equal(output.channels)
      for (const samples of seen.channels) expect(samples.length).to.equal(seen.period.frames)
      expect(seen.period.frames).to.be.within(1, output.maxPeriodFrames)
    })

    it('places every period where the one before it ends, within the noise it claims', async () => {
      const output = await open()
      const periods = await play(output, (so) => so.length === 30)
      await output.stop()
      expect(periods[0]!.restarted).to.equal(true)
      expect(output.underruns).to.equal(periods.slice(1).filter((period) => period.restarted).length)
      let run = 0
      let frames = 0
      periods.forEach((period, i) => {
        if (period.restarted) [run, frames] = [i, 0]
        // 200 ppm of a third of a second is 70 µs, more than any crystal strays.
        const expected = periods[run]!.heardAt + (frames * 1e6) / output.sampleRate
        expect(Math.abs(period.heardAt - expected)).to.be.below(2 * noiseUs + 70)
        frames += period.frames
      })
    })

    it('says restarted after an underrun, counts it and goes on', async () => {
      const output = await open()
      const before = await play(output, (so) => {
        if (so.length === 10) stall(stallMs)
        return so.length >= 20
      })
      await output.stop()
      const restarts = before.map((period, i) => (period.restarted ? i : -1)).filter((i) => i > 0)
      expect(restarts).to.include(10)
      expect(output.underruns).to.equal(restarts.length)
      expect(before[10]!.heardAt - before[9]!.heardAt).to.be.above((stallMs * 1000) / 2)
    })

    it('asks for nothing any more once stop has resolved, and can be stopped twice', async () => {
      const output = await open()
      let periods = 0
      await new Promise<void>((resolve, reject) => {
        output.start(() => {
          periods++
          resolve()
        }, reject)
      })
      await output.stop()
      const atStop = periods
      await new Promise((resolve) => setTimeout(resolve, 100))
      await output.stop()
      expect(periods).to.equal(atStop)
    })

    it('can be stopped without having been started', async () => {
      const output = await open()
      await output.stop()
    })

    it('reports a failure once and asks for nothing more', async () => {
      const output = await open()
      const failures: Error[] = []
      let periods = 0
      await new Promise<void>((resolve) => {
        output.start(
          () => {
            periods++
            throw new Error('boom')
          },
          (error) => {
            failures.push(error)
            resolve()
          },
        )
      })
      await new Promise((resolve) => setTimeout(resolve, 100))
      await output.stop()
      expect(failures.map((failure) => failure.message)).to.deep.equal(['boom'])
      expect(periods).to.equal(1)
    })
  })
}

/** Holds the thread, as a garbage collection or a busy main loop would. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
