/** Sound cards as they are found, and how truthfully they report. */
import type { CardTraits } from './sim-card.js'

const common = {
  sampleRate: 48_000,
  periodFrames: 1920, // 40 ms, longer than most cards ask for: fewer events to simulate
  bufferPeriods: 2,
  wakeUs: 100, // SCHED_RR on an idle machine; the tail reaches a few ms
  wakeSigma: 0.8,
  hiddenDelayUs: 0,
} satisfies Partial<CardTraits>

export const cardPresets = {
  /** A DAC on the I²S bus: the position is read from a register, the clock a moment later. */
  i2s: { ...common, granuleFrames: 1, reportNoiseUs: 10, reportJitterUs: 0 },

  /** USB audio: the position moves with each 1 ms packet. */
  usb: { ...common, granuleFrames: 48, reportNoiseUs: 20, reportJitterUs: 0 },

  /** A Pi's headphone socket, or a sound server in between: reports jitter by a millisecond and are sometimes nonsense. */
  'sound-server': {
    ...common,
    granuleFrames: 1,
    reportNoiseUs: 50,
    reportJitterUs: 1000,
    blips: { everyS: 60, frames: 1024 }, // 21.3 ms
  },
} satisfies Record<string, CardTraits>

export type CardPreset = keyof typeof cardPresets
