import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { startPolling } from '../../src/node/player-poll.js'
import { idleTelemetry, type PlayoutState, type Telemetry } from '../../src/telemetry.js'

const report = (state: PlayoutState, bufferedUs: number): Telemetry => ({ ...idleTelemetry, state, bufferedUs })

/** Polls for as long as `us`, with `telemetry` to be found at every look; asleep for `sleepUs` at the end. */
function poll(us: number, telemetry: Telemetry | undefined, { sleepUs = 0, clockStops = false } = {}) {
  let nowUs = 0
  let sleptUs = 0
  let due: { readonly at: number; readonly run: () => void } | undefined
  const seen = { looks: 0, reports: 0, woke: 0 }
  const stop = startPolling({
    clock: { now: () => nowUs as LocalUs },
    timers: {
      wakeAt: (at, run) => {
        due = { at, run }
        return () => {
          due = undefined
        }
      },
    },
    wallUs: () => 1e15 + nowUs + sleptUs,
    takeTelemetry: () => {
      seen.looks++
      return telemetry
    },
    onTelemetry: () => seen.reports++,
    onWoke: () => seen.woke++,
  })
  const look = (lateUs: number): void => {
    const { at, run } = due!
    nowUs = at + lateUs
    run()
  }
  while (due!.at <= us) look(0)
  if (clockStops) sleptUs = sleepUs
  if (sleepUs > 0) look(clockStops ? 0 : sleepUs)
  stop()
  return { ...seen, isOver: due === undefined }
}

describe('startPolling', () => {
  it('wakes four times a second while more than enough is decoded, twenty times while not', () => {
    expect(poll(10e6, report('playing', 1_400_000)).looks).to.be.within(40, 42)
    expect(poll(10e6, report('playing', 200_000)).looks).to.be.within(200, 202)
    expect(poll(10e6, report('waiting', 1_400_000)).looks).to.be.within(200, 202)
  })

  it('hands on what the audio thread says, and nothing when it says nothing', () => {
    expect(poll(1e6, report('playing', 0))).to.include({ reports: 21, woke: 0 })
    expect(poll(1e6, undefined)).to.include({ looks: 21, reports: 0 })
  })

  it('notices that the machine has slept, whether its clock went on meanwhile or not', () => {
    expect(poll(1e6, report('playing', 1e6), { sleepUs: 4e6 }).woke).to.equal(1)
    expect(poll(1e6, report('playing', 1e6), { sleepUs: 4e6, clockStops: true }).woke).to.equal(1)
    expect(poll(1e6, report('playing', 1e6), { sleepUs: 2e6, clockStops: true }).woke).to.equal(0)
  })

  it('looks no more once it is stopped', () => {
    expect(poll(1e6, undefined).isOver).to.equal(true)
  })
})
