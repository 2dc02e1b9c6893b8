/**
 * Networks named after the places they are found in. Delays include the wake-up of the process that reads the socket,
 * which no protocol can see. Those that have an equivalent in `lab/profiles.json` say so; figures there are per packet
 * and in milliseconds.
 */
import type { AirTraits } from './air.js'
import type { LinkTraits } from './link.js'

export interface PathTraits {
  readonly up: LinkTraits
  readonly down: LinkTraits
  readonly air: AirTraits
  /**
   * Most by which one direction of a room's path is slower than the other, always, in µs; drawn for each room. No exchange
   * of readings can tell it from a clock that is off by half of it, so it is the floor of every figure. These are
   * assumptions: nobody has published measurements.
   */
  readonly maxAsymmetryUs: number
}

/** Both directions alike, but for what differs between rooms. */
function path(link: LinkTraits, maxAsymmetryUs: number, air: AirTraits = {}): PathTraits {
  return { up: link, down: link, air, maxAsymmetryUs }
}

/** Network interfaces collect packets for some tens of µs before they interrupt, and not all of them alike. */
const wiredAsymmetryUs = 20
/** Access point and station contend with different queues and powers; a tenth of the delay. */
const wifiAsymmetryUs = 100
const farAsymmetryUs = 400

const mbit = 1e6 / 8

/** Switched Ethernet, idle (lab: `lan`): a store-and-forward switch, and kernels that wake a process in tens of µs. */
const ethernet: LinkTraits = {
  delayUs: 150,
  jitterUs: 30,
  jitterSigma: 0.6,
  rateBytesPerS: 1000 * mbit,
  loss: 0,
}

/** 5 GHz in the same flat (lab: `wifi-good`, its loss the higher one of 2.4 GHz with few neighbours). */
const wifi: LinkTraits = {
  delayUs: 1000,
  jitterUs: 700, // contention for the channel: an assumption, as in the lab
  jitterSigma: 0.9,
  rateBytesPerS: 60 * mbit,
  loss: 0.0003,
}

/** 2.4 GHz with neighbours (lab: `wifi-busy`). */
const busyWifi: LinkTraits = {
  delayUs: 2000,
  jitterUs: 3000,
  jitterSigma: 1,
  rateBytesPerS: 20 * mbit,
  loss: 0.001,
}

/** Two walls too many (lab: `wifi-bad`): low modulation, so slow and repetitive. */
const farWifi: LinkTraits = {
  delayUs: 4000,
  jitterUs: 8000,
  jitterSigma: 1.1,
  rateBytesPerS: 5 * mbit,
  loss: 0.01,
}

const homeStalls = { everyS: 20, minMs: 20, maxMs: 60 } // background scans and neighbours' bursts, as in the lab

export const linkPresets = {
  'quiet-lan': path(ethernet, wiredAsymmetryUs),
  'home-wifi': path(wifi, wifiAsymmetryUs, { stalls: homeStalls }),
  'busy-wifi': path(busyWifi, 2 * wifiAsymmetryUs, { stalls: { everyS: 8, minMs: 50, maxMs: 150 } }),
  'edge-of-range': path(farWifi, farAsymmetryUs, { stalls: { everyS: 4, minMs: 100, maxMs: 300 } }),

  /** A microwave oven beside the receiver covers 2.4 GHz for half of each mains cycle: stalls of 10 ms all the time. */
  'microwave-on': path({ ...busyWifi, loss: 0.01 }, 2 * wifiAsymmetryUs, {
    stalls: { everyS: 0.01, minMs: 8, maxMs: 12 },
  }),

  /** Somebody downloads through the same access point, minutes at a time: only what comes down waits in its queue. */
  'asymmetric-queue': {
    up: wifi,
    down: { ...wifi, crossTraffic: { quietS: 300, busyS: 180, minPeakMs: 15, maxPeakMs: 60 } },
    air: { stalls: homeStalls },
    maxAsymmetryUs: wifiAsymmetryUs,
  },

  /** Carried about the house: reassociation takes 68 ms at best and seconds when the old access point is held on to. */
  roaming: path(wifi, wifiAsymmetryUs, {
    stalls: homeStalls,
    roaming: { gaps: { everyS: 300, minMs: 68, maxMs: 3000 }, maxExtraDelayUs: 2000, maxAsymmetryUs: 400 },
  }),

  /** Power saving left on: a sparse stream waits for beacons, 102.4 ms apart, on its way down only. */
  'power-save': path(wifi, wifiAsymmetryUs, { stalls: homeStalls, powerSave: true }),
} satisfies Record<string, PathTraits>

export type LinkPreset = keyof typeof linkPresets
