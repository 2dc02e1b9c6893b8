/**
 * How fast a live source is read: the loop that bends the rate until what is buffered is at its target, and keeps it
 * from bending audibly.
 */
import { RateController } from '@tutti/dsp'

/** Input frames per output frame at both ends of a run; linear between. */
export interface RateRun {
  readonly startRatio: number
  readonly endRatio: number
}

/**
 * 0.05 halves an error in 17 s: a crystal 80 ppm off is never more than 1.4 ms from the target, and 4 ms of jitter that
 * got through every window bends the pitch by 0.3 cent. 1000 ppm is 1.7 cent; crystals are within 200.
 */
const loop = { proportionalPpmPerUs: 0.05, maxPpm: 1000 }
/**
 * Time constant with which the rate follows what is wanted, s. Arrivals scatter by tens of µs, so that what is wanted steps by
 * some ppm every second; a tone stays as pure as it came while the rate slopes by less than half a ppm a second.
 */
const smoothingS = 5
/** How fast the rate may bend. */
const slewPpmPerS = 100

export class LiveRate {
  readonly #sampleRate: number
  readonly #controller = new RateController(loop)
  #ratio = 1
  #wantedRatio = 1

  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate
  }

  /** Input frames per output frame, now. */
  get ratio(): number {
    return this.#ratio
  }

  /** As if it were to bend by the most it can in half a second. */
  get soonRatio(): number {
    return this.#ratio + slewPpmPerS * 5e-7
  }

  /** Notes how much too much was buffered, after `elapsedS` since the last time. */
  steer(excessUs: number, elapsedS: number): void {
    this.#wantedRatio = 1 + 1e-6 * this.#controller.update(excessUs, elapsedS)
  }

  /** Bends over the next `frames` of output: towards what is wanted, or to nominal where nothing is followed. */
  bend(frames: number, isFollowing: boolean): RateRun {
    const startRatio = this.#ratio
    const most = (slewPpmPerS * 1e-6 * frames) / this.#sampleRate
    const wantedRatio = isFollowing ? this.#wantedRatio : 1
    const step = (wantedRatio - startRatio) * Math.min(1, frames / (smoothingS * this.#sampleRate))
    this.#ratio = startRatio + Math.max(-most, Math.min(most, step))
    return { startRatio, endRatio: this.#ratio }
  }
}
