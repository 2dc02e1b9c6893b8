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

const exact = { ...common, granuleFrames: 1, reportNoiseUs: 10, reportJitterUs: 0 }

export const cardPresets = {
  /** A DAC on the I²S bus: the position is read from a register, the clock a moment later. */
  i2s: exact,

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

  /** An I²S bus behind a DMA engine that fetches 5.3 ms at a time. */
  'dma-bursts': {
    ...common,
    periodFrames: 480,
    bufferPeriods: 10,
    granuleFrames: 256,
    reportNoiseUs: 5,
    reportJitterUs: 0,
  },

  /** The same DMA engine behind a driver that wakes its writer every 20 ms: bursts are a quarter, a half, three quarters old, and new. */
  'uneven-bursts': {
    ...common,
    periodFrames: 960,
    bufferPeriods: 5,
    granuleFrames: 256,
    wakesAtPeriods: true,
    reportNoiseUs: 5,
    reportJitterUs: 0,
  },

  /** As little as any driver offers: 5 ms periods in a buffer of 20 ms. */
  'small-buffer': { ...exact, periodFrames: 240, bufferPeriods: 4 },

  /** As much as any driver insists on: 50 ms periods in a buffer of 200 ms. */
  'large-buffer': { ...exact, periodFrames: 2400, bufferPeriods: 4 },

  /** A receiver, a television: 20 ms of processing behind a card that knows nothing of it. */
  'slow-amplifier': { ...exact, hiddenDelayUs: 20_000 },

  /** Any card in a computer with more to do than it can, at ordinary priority, and now and then with no time at all. */
  'busy-computer': {
    ...exact,
    periodFrames: 480,
    bufferPeriods: 10,
    wakeUs: 1_000,
    wakeSigma: 1, // one wake-up in a thousand takes 20 ms
    stalls: { everyS: 20, minMs: 10, maxMs: 60 },
  },

  /** The same, but so busy that the card runs dry every minute or so. */
  'overrun-computer': {
    ...exact,
    periodFrames: 480,
    bufferPeriods: 10,
    wakeUs: 1_000,
    wakeSigma: 1,
    stalls: { everyS: 60, minMs: 120, maxMs: 250 },
  },
} satisfies Record<string, CardTraits>

export type CardPreset = keyof typeof cardPresets
