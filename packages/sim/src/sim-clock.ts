/** The clock and timers of a simulated machine: a crystal in the world, which faults may stop, step or slew. */
import type { Clock, LocalUs, Reading, Timers } from '@tutti/clock'
import type { Crystal } from './crystal.js'
import type { Random } from './random.js'
import type { Alarm, World } from './world.js'

/** How late timers ring, at most, in µs: event loops round up to the next millisecond. */
const timerSlackUs = 1000
/** At least this late, so that the clock, which shows whole microseconds, has got there in spite of rounding. */
const roundingUs = 0.01

export class SimClock<Now extends Reading<string> = LocalUs> implements Clock<Now>, Timers<Now> {
  readonly #world: World
  readonly #crystal: Crystal
  readonly #random: Random
  readonly #timers = new Set<Timer<Now>>()
  // Since the last fault: what clock and crystal read then, and how fast the one has followed the other.
  #reading: number
  #crystalReading: number
  #rate = 1
  #stopped = false

  constructor(world: World, crystal: Crystal, random: Random) {
    this.#world = world
    this.#crystal = crystal
    this.#random = random
    this.#crystalReading = crystal.readAt(world.nowUs)
    this.#reading = this.#crystalReading
  }

  /** Whole microseconds, as adapters read them. */
  now(): Now {
    return Math.floor(this.readAt(this.#world.nowUs)) as Now
  }

  /** The exact reading at a true time not before the clock's last fault, if no further fault comes. */
  readAt(trueUs: number): Now {
    if (this.#stopped) return this.#reading as Now
    return (this.#reading + (this.#crystal.readAt(trueUs) - this.#crystalReading) * this.#rate) as Now
  }

  /** The true time at which the clock will read `at`: the inverse of `readAt`; Infinity while the clock stands still. */
  trueAt(at: Now): number {
    if (this.#stopped) return Infinity
    if (at <= this.#reading) return this.#crystal.trueAt(this.#crystalReading)
    return this.#crystal.trueAt(this.#crystalReading + (at - this.#reading) / this.#rate)
  }

  wakeAt(at: Now, run: () => void): () => void {
    const timer = this.timer(() => {
      this.#timers.delete(timer)
      run()
    })
    timer.set(at)
    return () => {
      timer.clear()
      this.#timers.delete(timer)
    }
  }

  /** A timer to be set again and again for `ring`. */
  timer(ring: () => void): Timer<Now> {
    const timer = new Timer(this.#world, this, this.#random, ring)
    this.#timers.add(timer)
    return timer
  }

  /** The clock jumps; a machine whose clock is monotonic sees only positive steps. */
  step(byUs: number): void {
    this.#settle()
    this.#reading += byUs
    this.#resetTimers()
  }

  /** The clock runs `ppm` faster than its crystal, as NTP makes it, until told otherwise. */
  slew(ppm: number): void {
    this.#settle()
    this.#rate = 1 + ppm * 1e-6
    this.#resetTimers()
  }

  /** The clock stands still, as it does while a machine sleeps. */
  stop(): void {
    this.#settle()
    this.#stopped = true
    this.#resetTimers()
  }

  resume(): void {
    this.#stopped = false
    this.#crystalReading = this.#crystal.readAt(this.#world.nowUs)
    this.#resetTimers()
  }

  #settle(): void {
    this.#reading = this.readAt(this.#world.nowUs)
    this.#crystalReading = this.#crystal.readAt(this.#world.nowUs)
  }

  #resetTimers(): void {
    for (const timer of this.#timers) timer.reset()
  }
}

/** Rings when its clock reads the time set, or up to a millisecond later, as the timers of an event loop do. */
export class Timer<Now extends Reading<string> = LocalUs> {
  readonly #clock: SimClock<Now>
  readonly #random: Random
  readonly #alarm: Alarm
  #at: Now | undefined

  constructor(world: World, clock: SimClock<Now>, random: Random, ring: () => void) {
    this.#clock = clock
    this.#random = random
    this.#alarm = world.alarm(() => {
      this.#at = undefined
      ring()
    })
  }

  set(at: Now): void {
    if (at === this.#at) return
    this.#at = at
    this.reset()
  }

  clear(): void {
    this.#at = undefined
    this.#alarm.clear()
  }

  /** For the clock, which calls this when its relation to true time has changed. */
  reset(): void {
    if (this.#at === undefined) return
    const trueUs = this.#clock.trueAt(this.#at)
    if (trueUs === Infinity) this.#alarm.clear()
    else this.#alarm.set(trueUs + roundingUs + timerSlackUs * this.#random.uniform())
  }
}
