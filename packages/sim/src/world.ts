/**
 * Virtual time: alarms run in order of true time, as fast as the CPU allows. True time is in microseconds since the
 * world began; only the simulation and its observers may look at it.
 */

export class World {
  #nowUs = 0
  #alarmsRung = 0
  #ordersGiven = 0
  // A binary heap by (time, order), kept as three parallel arrays so that comparing touches no objects.
  #size = 0
  #times = new Float64Array(64)
  #orders = new Float64Array(64)
  readonly #alarms: Alarm[] = []

  get nowUs(): number {
    return this.#nowUs
  }

  /** Alarms rung so far. */
  get events(): number {
    return this.#alarmsRung
  }

  /** An alarm to be set, again and again, for `ring`. */
  alarm(ring: () => void): Alarm {
    return new Alarm(this, ring)
  }

  /** Calls `ring` once at true time `atUs`, or now if that has passed. */
  at(atUs: number, ring: () => void): void {
    new Alarm(this, ring).set(atUs)
  }

  /** Rings everything due up to and including `endUs`; simultaneous alarms ring in the order they were set. */
  runUntil(endUs: number): void {
    while (this.#size > 0 && this.#times[0]! <= endUs) {
      const alarm = this.#alarms[0]!
      this.#nowUs = this.#times[0]!
      this.#alarmsRung++
      this.remove(alarm)
      alarm.ring()
    }
    this.#nowUs = Math.max(this.#nowUs, endUs)
  }

  /** For `Alarm` alone. */
  insert(alarm: Alarm, atUs: number): void {
    if (!(atUs < Infinity)) throw new RangeError(`an alarm cannot be set for ${atUs}`)
    let hole = alarm.place
    if (hole < 0) {
      hole = this.#size++
      if (hole === this.#times.length) this.#grow()
    }
    const time = Math.max(atUs, this.#nowUs)
    const order = this.#ordersGiven++
    this.#settle(this.#rise(hole, time, order), time, order, alarm)
  }

  /** For `Alarm` alone. */
  remove(alarm: Alarm): void {
    const hole = alarm.place
    alarm.place = -1
    const last = --this.#size
    const moved = this.#alarms[last]!
    if (hole === last) return
    const time = this.#times[last]!
    const order = this.#orders[last]!
    this.#settle(this.#rise(hole, time, order), time, order, moved)
  }

  /** Moves later parents down from `hole`; the result is where (time, order) belongs if nothing below is earlier. */
  #rise(hole: number, time: number, order: number): number {
    let i = hole
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!this.#isLater(parent, time, order)) break
      this.#move(parent, i)
      i = parent
    }
    return i
  }

  /** Moves earlier children up from `hole`, and puts the alarm where that ends. */
  #settle(hole: number, time: number, order: number, alarm: Alarm): void {
    let i = hole
    for (;;) {
      let child = 2 * i + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && this.#isLater(child, this.#times[child + 1]!, this.#orders[child + 1]!)) child++
      if (this.#isLater(child, time, order)) break
      this.#move(child, i)
      i = child
    }
    this.#times[i] = time
    this.#orders[i] = order
    this.#alarms[i] = alarm
    alarm.place = i
  }

  #isLater(place: number, time: number, order: number): boolean {
    const there = this.#times[place]!
    return there > time || (there === time && this.#orders[place]! > order)
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from]!
    this.#orders[to] = this.#orders[from]!
    const alarm = this.#alarms[from]!
    this.#alarms[to] = alarm
    alarm.place = to
  }

  #grow(): void {
    const times = new Float64Array(2 * this.#times.length)
    const orders = new Float64Array(2 * this.#orders.length)
    times.set(this.#times)
    orders.set(this.#orders)
    this.#times = times
    this.#orders = orders
  }
}

/** Something to do at one instant. The object is used again for the next instant, so that a running world allocates little. */
export class Alarm {
  readonly ring: () => void
  /** Index in the world's heap, -1 when not set; the world's business. */
  place = -1
  readonly #world: World

  constructor(world: World, ring: () => void) {
    this.#world = world
    this.ring = ring
  }

  get isSet(): boolean {
    return this.place >= 0
  }

  /** Rings at true time `atUs` instead of any earlier setting; now if that has passed. */
  set(atUs: number): void {
    this.#world.insert(this, atUs)
  }

  clear(): void {
    if (this.place >= 0) this.#world.remove(this)
  }
}
