import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import type { Period } from '../../src/audio-output.js'
import { alsa } from '../../src/node/outputs/alsa/alsa-library.js'
import { AlsaOutput } from '../../src/node/outputs/alsa/alsa-output.js'
import { FakeAlsa, type FakeCard } from './alsa-fake.js'

const request = { device: 'hw:CARD=DAC', sampleRate: 48_000, channels: 2, bufferMs: 100, periodMs: 10 }

interface Played {
  readonly periods: readonly Period[]
  readonly channels: number
  readonly failure: Error | undefined
}

/** Plays until `enough` chunks were asked for, or the output fails; `during` is told the number of each beforehand. */
async function play(
  fake: FakeAlsa,
  enough: number,
  during: (chunk: number) => void = () => {},
): Promise<Played & { readonly output: AlsaOutput }> {
  const output = new AlsaOutput(request, fake.clock, fake.library)
  const periods: Period[] = []
  let channels = 0
  const failure = await new Promise<Error | undefined>((resolve) => {
    output.start((period, samples) => {
      periods.push({ ...period })
      channels = samples.length
      during(periods.length)
      if (periods.length === enough) resolve(undefined)
    }, resolve)
  })
  await output.stop()
  return { output, periods, channels, failure }
}

interface HeldChunk {
  readonly frames: number
  readonly at: number
  readonly aheadUs: number
  readonly restarted: boolean
  readonly slackUs: number | undefined
}

interface Held {
  readonly held: readonly HeldChunk[]
  readonly underruns: number
}

/** Plays `enough` chunks on a card that is to hold `queueMs`; its time passes in steps of a millisecond. */
async function hold(
  queueMs: number,
  enough: number,
  during: (chunk: number, output: AlsaOutput, fake: FakeAlsa) => void = () => undefined,
): Promise<Held> {
  const fake = new FakeAlsa()
  const output = new AlsaOutput(request, fake.clock, fake.library)
  output.hold(queueMs)
  const held: HeldChunk[] = []
  let isEnough = false
  output.start(
    ({ frames, heardAt, restarted, slackUs }) => {
      held.push({ frames, at: fake.nowUs, aheadUs: heardAt - fake.nowUs, restarted, slackUs })
      during(held.length, output, fake)
      isEnough = held.length >= enough
    },
    (error) => {
      throw error
    },
  )
  while (!isEnough) {
    await setTimeout(1)
    fake.pass(1000)
  }
  await output.stop()
  return { held, underruns: output.underruns }
}

const restarts = (periods: readonly Period[]): readonly number[] =>
  periods.flatMap((period, i) => (period.restarted ? [i] : []))

describe('AlsaOutput', () => {
  it('places chunk after chunk where the driver says they will be heard', async () => {
    const { periods, output } = await play(new FakeAlsa(), 50)
    expect(restarts(periods)).to.deep.equal([0])
    expect(output.underruns).to.equal(0)
    for (const [i, period] of periods.entries()) {
      expect(period.frames).to.equal(480)
      expect(period.heardAt).to.be.closeTo(periods[0]!.heardAt + i * 10_000, 21)
    }
  })

  it('starts with a buffer full of silence', async () => {
    const fake = new FakeAlsa()
    const { periods } = await play(fake, 1)
    expect(periods[0]!.heardAt).to.be.closeTo(1e9 + 100_000, 21)
    expect(fake.calls).to.deep.equal(['open', 'drop', 'prepare', 'start', 'drop', 'close'])
  })

  it('comes half as often once it has settled, and as often as before after an underrun', async () => {
    const fake = new FakeAlsa()
    const { periods, output } = await play(fake, 500, (chunk) => {
      if (chunk === 400) fake.trouble.write = [alsa.error.brokenPipe]
    })
    expect(periods.slice(0, 190).every(({ frames }) => frames === 480)).to.equal(true)
    expect(periods.slice(200, 400).every(({ frames }) => frames === 960)).to.equal(true)
    expect(periods.slice(400).every(({ frames }) => frames === 480)).to.equal(true)
    // Time passes only where it waits for the driver: two seconds in the first 190, four in these.
    expect(periods[399]!.heardAt - periods[199]!.heardAt).to.be.closeTo(200 * 20_000, 21)
    expect(restarts(periods)).to.deep.equal([0, 400])
    expect(output.underruns).to.equal(1)
  })

  it('comes as often as at first to a card whose bursts do not fit twice its chunk: some wake-ups have to find one fresh', async () => {
    const fake = new FakeAlsa({ burstFrames: 256 })
    const heardAt: number[] = []
    const { periods } = await play(fake, 600)
    for (const period of periods.slice(1)) heardAt.push(period.heardAt)
    expect(periods.every(({ frames }) => frames === 480)).to.equal(true)
    expect(periods.slice(16).every(({ isNeverEarly }) => isNeverEarly)).to.equal(true)
    const lateUs = heardAt.map((at, i) => at - heardAt[0]! - i * 10_000)
    // A report is late by what has left since the last burst, and by nothing at every eighth.
    expect(Math.max(...lateUs) - Math.min(...lateUs)).to.be.within(4_000, 5_400)
    for (let i = 0; i + 8 <= lateUs.length; i += 8)
      expect(Math.min(...lateUs.slice(i, i + 8))).to.be.closeTo(Math.min(...lateUs), 21)
  })

  it('comes no less often where two chunks would leave too little in the buffer', async () => {
    const { periods } = await play(new FakeAlsa({ bufferFrames: 2_400 }), 300)
    expect(periods.every(({ frames }) => frames === 480)).to.equal(true)
  })

  it('holds as little as it is told to, in shorter chunks, and as much as it can when told so', async () => {
    const { held, underruns } = await hold(36, 60, (chunk, output) => {
      if (chunk === 20) output.hold(500)
    })
    expect(underruns).to.equal(0)
    for (const { frames, aheadUs } of held.slice(0, 20)) {
      expect(frames).to.equal(345)
      expect(aheadUs).to.be.within(18_000, 36_100)
    }
    for (const { frames } of held.slice(20)) expect(frames).to.be.at.least(480)
    // Of the frame that is leaving, half has left.
    expect(held.at(-1)!.aheadUs).to.be.within(79_980, 100_100)
  })

  it('holds half as much again after an underrun: more would be further ahead than a live room has audio for', async () => {
    const { held, underruns } = await hold(36, 60, (chunk, _, fake) => {
      if (chunk === 10) fake.pass(60_000)
    })
    expect(underruns).to.equal(1)
    for (const { aheadUs } of held.slice(0, 10)) expect(aheadUs).to.be.below(36_100)
    for (const { aheadUs } of held) expect(aheadUs).to.be.below(54_100)
    expect(Math.max(...held.slice(-10).map(({ aheadUs }) => aheadUs))).to.be.above(40_000)
  })

  it('waits for what is late until 10 ms are left, as it says it can, and no longer', async () => {
    const { held, underruns } = await hold(40, 60, (chunk, output, fake) => {
      if (chunk === 20) output.putOff(() => true)
      if (chunk === 40) {
        const enoughAt = fake.nowUs + 5_000
        output.putOff(() => fake.nowUs < enoughAt)
      }
    })
    expect(underruns).to.equal(0)
    const least = (from: number, to: number) => Math.min(...held.slice(from, to).map(({ aheadUs }) => aheadUs))
    expect(least(10, 20)).to.be.within(29_000, 32_100)
    expect(least(25, 40)).to.be.within(8_900, 10_100)
    expect(least(50, 60)).to.be.within(29_000, 32_100)
    // A chunk is 8 ms, for which room is when 32 are left.
    for (const { slackUs } of held) expect(slackUs).to.equal(22_000)
  })

  it('waits for nothing that is late while it is kept full', async () => {
    const { periods } = await play(new FakeAlsa(), 20)
    for (const { slackUs } of periods) expect(slackUs).to.equal(0)
  })

  it('is silent for no longer than it holds after an underrun, but for its whole buffer if another one follows soon', async () => {
    const { held, underruns } = await hold(20, 60, (chunk, _, fake) => {
      if (chunk === 10 || chunk === 20) fake.pass(200_000)
    })
    expect(underruns).to.equal(2)
    const restarts = held.filter(({ restarted }) => restarted)
    expect(restarts).to.have.length(3)
    const silences = held.flatMap(({ restarted, at, aheadUs }, i) => {
      const before = held[i - 1]
      return restarted && before ? [at + aheadUs - (before.at + before.aheadUs)] : []
    })
    const [once, again] = silences.map((us) => us - 200_000)
    expect(once).to.be.below(46_000)
    expect(again).to.be.within(50_000, 101_000)
  })

  it('holds more before it underruns, where it comes late to the device', async () => {
    const { held, underruns } = await hold(36, 60, (chunk, _, fake) => {
      if (chunk === 10) fake.pass(26_000)
    })
    expect(underruns).to.equal(0)
    expect(Math.max(...held.slice(-10).map(({ aheadUs }) => aheadUs))).to.be.within(30_000, 54_100)
  })

  it('holds 30 ms at least where its thread has no real-time priority', async () => {
    const { held } = await hold(10, 40)
    for (const { aheadUs } of held) expect(aheadUs).to.be.below(30_100)
    for (const { frames } of held) expect(frames).to.equal(288)
  })

  for (const [what, name] of [
    ['waiting', 'wait'],
    ['looking', 'availDelay'],
    ['writing', 'write'],
  ] as const) {
    it(`starts afresh in one step after an underrun found while ${what}`, async () => {
      const fake = new FakeAlsa()
      const { periods, output, failure } = await play(fake, 20, (chunk) => {
        if (chunk === 10) fake.trouble[name] = [alsa.error.brokenPipe]
      })
      expect(failure).to.equal(undefined)
      expect(restarts(periods)).to.deep.equal([0, 10])
      expect(output.underruns).to.equal(1)
      expect(fake.calls.filter((call) => call === 'start').length).to.equal(2)
    })
  }

  it('takes a queue that has run empty for an underrun even if the device says nothing', async () => {
    const fake = new FakeAlsa()
    const { periods, output } = await play(fake, 20, (chunk) => {
      if (chunk === 10) fake.pass(250_000)
    })
    expect(restarts(periods)).to.deep.equal([0, 10])
    expect(output.underruns).to.equal(1)
    expect(periods.at(-1)!.heardAt - fake.nowUs).to.be.above(80_000)
  })

  it('resumes suspended hardware, and starts it afresh as soon as it lets itself', async () => {
    const fake = new FakeAlsa()
    const { periods, failure } = await play(fake, 20, (chunk) => {
      if (chunk !== 10) return
      fake.state = alsa.state.suspended
      fake.trouble.wait = [-86]
      fake.trouble.prepare = [alsa.error.badDescriptor, alsa.error.badDescriptor]
    })
    expect(failure).to.equal(undefined)
    expect(fake.calls).to.include('resume')
    expect(restarts(periods)).to.deep.equal([0, 10])
  })

  for (const name of ['wait', 'availDelay', 'write']) {
    it(`fails with the name of a device that was unplugged, found by ${name}, and closes it`, async () => {
      const fake = new FakeAlsa()
      const { periods, failure } = await play(fake, 20, (chunk) => {
        if (chunk === 10) fake.trouble[name] = [alsa.error.noDevice]
      })
      expect(failure?.message).to.equal('sound card "hw:CARD=DAC" is gone: was it unplugged?')
      expect(periods.length).to.equal(10)
      expect(fake.calls.at(-1)).to.equal('close')
    })
  }

  it('plays on after the machine stood still for a minute', async () => {
    const fake = new FakeAlsa()
    const { periods, failure, output } = await play(fake, 20, (chunk) => {
      if (chunk === 10) fake.pass(60e6)
    })
    expect(failure).to.equal(undefined)
    expect(restarts(periods)).to.deep.equal([0, 10])
    expect(output.underruns).to.equal(1)
  })

  it('fails when a device underruns again after every start', async () => {
    const fake = new FakeAlsa()
    const { failure, output } = await play(fake, 20, (chunk) => {
      if (chunk === 10) fake.trouble.availDelay = new Array(10_000).fill(alsa.error.brokenPipe)
    })
    expect(failure?.message).to.match(/^sound card "hw:CARD=DAC" has taken no sound for 3 s/)
    expect(output.underruns).to.be.above(1)
  })

  it('fails when a device takes nothing for three seconds, waiting at most a tenth of a second at a time', async () => {
    const fake = new FakeAlsa()
    let stuckAtUs = 0
    const { failure } = await play(fake, 20, (chunk) => {
      if (chunk !== 10) return
      fake.isStuck = true
      stuckAtUs = fake.nowUs
    })
    expect(failure?.message).to.match(/^sound card "hw:CARD=DAC" has taken no sound for 3 s/)
    expect(fake.nowUs - stuckAtUs).to.be.within(3e6, 3.3e6)
  })

  it('asks for no more than half the buffer at a time, whatever the hardware calls a period', async () => {
    const { output, periods } = await play(new FakeAlsa({ bufferFrames: 600, periodFrames: 600 }), 5)
    expect(output.maxPeriodFrames).to.equal(300)
    expect(periods.every((period) => period.frames === 300)).to.equal(true)
  })

  for (const channels of [1, 8]) {
    it(`plays on a device with ${channels} ${channels === 1 ? 'channel' : 'channels'}`, async () => {
      const played = await play(new FakeAlsa({ channels }), 2)
      expect(played.channels).to.equal(channels)
      expect(played.output.channels).to.equal(channels)
    })
  }

  for (const rate of [44_100, 96_000, 192_000]) {
    it(`plays at ${rate} Hz where the device does nothing else`, async () => {
      const { output, periods } = await play(new FakeAlsa({ rates: [rate] }), 50)
      expect(output.sampleRate).to.equal(rate)
      const expectedUs = (49 * periods[0]!.frames * 1e6) / rate
      expect(periods[49]!.heardAt - periods[0]!.heardAt).to.be.closeTo(expectedUs, 2e6 / rate)
    })
  }

  it('refuses a device none of whose formats it knows, by name', () => {
    const fake = new FakeAlsa({ formats: [] } satisfies Partial<FakeCard>)
    expect(() => new AlsaOutput(request, fake.clock, fake.library)).to.throw(
      /^sound card "hw:CARD=DAC" takes none of FLOAT_LE, S32_LE/,
    )
    expect(fake.calls.at(-1)).to.equal('close')
  })
})
