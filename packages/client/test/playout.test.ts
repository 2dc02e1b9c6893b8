import type { ClockModel, LocalUs, ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import type { Anchor, PlayoutControl } from '../src/control.js'
import { DeviceClock } from '../src/device-clock.js'
import type { Segment } from '../src/plan.js'
import { Playout, playoutDefaults } from '../src/playout.js'

const sampleRate = 48_000
const frames = 480
const periodUs = 10_000

const level: ClockModel = {
  localAt: 0 as LocalUs,
  serverAt: 1e9 as ServerUs,
  driftPpm: 0,
  errorBoundUs: 0,
  errorGrowthPpm: 0,
}
const anchorAt = (serverUs: number, frame = 0, epoch = 1): Anchor => ({
  epoch,
  frame,
  serverAt: serverUs as ServerUs,
  sampleRate,
})

/** A player on an exact device whose first period is heard at local 0, that is at server 1e9. */
class Bench {
  readonly media = { firstFrame: 0, endFrame: 10 * sampleRate }
  readonly device = new DeviceClock(sampleRate)
  readonly playout = new Playout(this.device, this.media, sampleRate)
  control: PlayoutControl = { clock: level, anchor: undefined, gain: 1, outputDelayUs: 0, channelMode: 'stereo' }
  #period = 0
  #slipUs = 0

  slip(byUs: number): void {
    this.#slipUs += byUs
  }

  /** The media frame due at the start of the next period, once `playing` has begun. */
  get dueFrame(): number {
    return ((this.#period * periodUs - 1_005_000) * sampleRate) / 1e6
  }

  /** Runs `count` periods; returns each segment with its device position counted from the first period. */
  run(count: number): Segment[] {
    const heard: Segment[] = []
    for (let i = 0; i < count; i++) {
      const heardAt = (this.#period * periodUs + this.#slipUs) as LocalUs
      this.device.observe({ frames, heardAt, queuedFrames: 0, restarted: this.#period === 0 })
      const plan = this.playout.plan(frames, this.control)
      for (const segment of plan.segments.slice(0, plan.count)) {
        heard.push({ ...segment, offset: this.#period * frames + segment.offset })
      }
      this.#period++
    }
    return heard
  }
}

const playing = (bench: Bench): Segment[] => {
  bench.control = { ...bench.control, anchor: anchorAt(1e9 + 1_005_000) }
  return bench.run(200)
}

describe('Playout', () => {
  it('knows before a period whether it would have to fade out for want of media', () => {
    const bench = new Bench()
    expect(bench.playout.lacks(frames)).to.equal(false)
    playing(bench)
    expect(bench.playout.lacks(frames)).to.equal(false)
    const filterFrames = 32
    bench.media.endFrame = Math.ceil(bench.playout.playhead) + frames + filterFrames + 2
    expect(bench.playout.lacks(frames)).to.equal(false)
    bench.media.endFrame -= 4
    expect(bench.playout.lacks(frames)).to.equal(true)
    bench.run(3)
  })

  it('has the next period put off while it is starved, until people would notice, and no longer', () => {
    const bench = new Bench()
    playing(bench)
    bench.media.endFrame = Math.ceil(bench.playout.playhead) + frames
    bench.run(3)
    expect(bench.playout.state).to.equal('starved')
    const periodMs = (frames * 1000) / sampleRate
    for (let silentMs = 3 * periodMs; silentMs < playoutDefaults.patienceMs; silentMs += periodMs) {
      expect(bench.playout.lacks(frames), `after ${silentMs} ms`).to.equal(true)
      bench.run(1)
    }
    bench.run(3)
    expect(bench.playout.lacks(frames)).to.equal(false)
  })

  it('is silent until there is something to play', () => {
    const bench = new Bench()
    expect(bench.run(10)).to.deep.equal([])
    expect(bench.playout.state).to.equal('idle')
  })

  it('starts on the very frame that is due, in the middle of a period', () => {
    const bench = new Bench()
    const [first] = playing(bench)
    expect(first!.offset).to.equal((1_005_000 * sampleRate) / 1e6)
    expect(first!.startFrame).to.be.closeTo(0, 0.01)
    expect(bench.playout.state).to.equal('playing')
  })

  it('fades in over five milliseconds and then stays at full gain', () => {
    const [fade, rest] = playing(new Bench())
    expect([fade!.startGain, fade!.endGain, fade!.frames]).to.deep.equal([0, 1, 240])
    expect([rest!.startGain, rest!.endGain]).to.deep.equal([1, 1])
  })

  it('plays every frame exactly once, in order, without a step', () => {
    const heard = playing(new Bench())
    for (let i = 1; i < heard.length; i++) {
      const before = heard[i - 1]!
      const consumed = (before.frames * (before.startRatio + before.endRatio)) / 2
      expect(heard[i]!.startFrame).to.be.closeTo(before.startFrame + consumed, 1e-6)
      expect(heard[i]!.offset).to.equal(before.offset + before.frames)
    }
  })

  it('plays earlier by the output delay', () => {
    const bench = new Bench()
    bench.control = { ...bench.control, outputDelayUs: 20_000 }
    const [first] = playing(bench)
    expect(first!.offset).to.equal((985_000 * sampleRate) / 1e6)
  })

  it('enters a stream that is already running at the frame that is due now', () => {
    const bench = new Bench()
    bench.control = { ...bench.control, anchor: anchorAt(1e9 - 2e6) }
    const [first] = bench.run(50)
    expect(first!.startFrame).to.be.closeTo(2 * sampleRate + first!.offset, 0.01)
  })

  it('bends the rate, without a jump, when the schedule moves by a millisecond', () => {
    const bench = new Bench()
    playing(bench)
    bench.control = { ...bench.control, clock: { ...level, serverAt: (1e9 + 1000) as ServerUs } }
    bench.run(1)
    expect(bench.playout.lateUs).to.be.closeTo(1000, 5)
    const heard = bench.run(600)
    expect(bench.playout.jumps).to.equal(0)
    expect(heard.every((segment) => Math.abs(segment.endRatio - 1) <= 500e-6)).to.equal(true)
    expect(Math.abs(bench.playout.lateUs)).to.be.below(250)
  })

  it('fades out, jumps and fades in when it is hopelessly late', () => {
    const bench = new Bench()
    playing(bench)
    bench.control = { ...bench.control, clock: { ...level, serverAt: (1e9 + 50_000) as ServerUs } }
    const heard = bench.run(3)
    expect(bench.playout.jumps).to.equal(1)
    expect(heard[0]).to.include({ startGain: 1, endGain: 0, frames: 240 })
    expect(heard[1]).to.include({ startGain: 0, endGain: 1, frames: 240 })
    expect(heard[1]!.startFrame - heard[0]!.startFrame).to.be.closeTo(0.05 * sampleRate + 240, 1)
    expect(Math.abs(bench.playout.lateUs)).to.be.below(1)
  })

  it('goes on within 400 ms where hardly more than the period ever is ahead of it, with more at once', () => {
    for (const [aheadMs, fromPeriods, toPeriods] of [
      [12, 15, 30],
      [22, 1, 3],
      [60, 1, 3],
    ] as const) {
      const bench = new Bench()
      playing(bench)
      bench.media.endFrame = Math.ceil(bench.playout.playhead)
      bench.run(10)
      expect(bench.playout.state).to.equal('starved')
      // From now on the media is so far ahead of what is due at the start of each period, and no further.
      let periods = 0
      for (; bench.playout.state === 'starved' && periods < 100; periods++) {
        bench.media.endFrame = bench.dueFrame + 48 * aheadMs
        bench.run(1)
      }
      expect(periods).to.be.within(fromPeriods, toPeriods)
    }
  })

  it('fades out when it has played all there is and counts a starvation once it goes on', () => {
    const bench = new Bench()
    bench.media.endFrame = sampleRate
    const heard = playing(bench)
    heard.push(...bench.run(100))
    const last = heard.at(-1)!
    expect(last).to.include({ startGain: 1, endGain: 0, frames: 240 })
    const filterFrames = 32
    expect(last.startFrame).to.be.within(sampleRate - filterFrames - 2, sampleRate - filterFrames)
    expect(bench.playout.state).to.equal('starved')
    expect(bench.playout.starvations).to.equal(0)
    bench.media.endFrame = 10 * sampleRate
    const [resumed] = bench.run(1)
    expect(bench.playout.starvations).to.equal(1)
    expect(resumed!.startFrame).to.be.closeTo(resumed!.offset - (1_005_000 * sampleRate) / 1e6, 1)
  })

  it('does not resume on a morsel', () => {
    const bench = new Bench()
    bench.media.endFrame = sampleRate
    playing(bench)
    bench.run(10)
    const due = 2.1 * sampleRate - (1_005_000 * sampleRate) / 1e6
    bench.media.endFrame = due + 600
    expect(bench.run(1)).to.deep.equal([])
  })

  it('leaves the old epoch with a fade and enters the new one when it is due', () => {
    const bench = new Bench()
    playing(bench)
    bench.control = { ...bench.control, anchor: anchorAt(1e9 + 2_300_000, 5 * sampleRate, 2) }
    const heard = bench.run(100)
    expect(heard[0]).to.include({ startGain: 1, endGain: 0, frames: 240 })
    expect(heard[1]!.startFrame).to.be.closeTo(5 * sampleRate, 0.01)
    expect(heard[1]!.offset).to.equal((2_300_000 * sampleRate) / 1e6)
    expect(bench.playout.jumps).to.equal(0)
  })

  it('falls silent with a fade when the stream ends or the clock is lost', () => {
    const bench = new Bench()
    playing(bench)
    bench.control = { ...bench.control, clock: undefined }
    const heard = bench.run(5)
    expect(heard).to.have.lengthOf(1)
    expect(heard[0]).to.include({ startGain: 1, endGain: 0 })
  })

  it('re-aligns with one jump when the device has slipped by 21 ms', () => {
    const bench = new Bench()
    playing(bench)
    bench.slip(21_333)
    bench.run(100)
    expect(bench.playout.jumps).to.equal(1)
    expect(Math.abs(bench.playout.lateUs)).to.be.below(20)
  })
})
