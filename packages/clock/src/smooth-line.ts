/** The line that is published: it follows the estimate without jumps, because a device plays along it. */

/** While the estimate is younger than this it is published as it is: nothing plays yet, and waiting would cost more. */
const rawForS = 1
/** Time constant of following, as a share of the estimate's age, and at most. An estimate settles ever more slowly. */
const timeConstantPerAge = 0.1
const longestTimeConstantS = 1

export class SmoothLine {
  /** Along the line at `#atS`. */
  offsetUs = 0
  #atS = 0
  #driftPpm = 0
  #bornS = 0

  /** The estimate starts over at `atS`: the next is published as it is. */
  restart(atS: number): void {
    this.#bornS = atS
  }

  follow(atS: number, offsetUs: number, driftPpm: number): void {
    const elapsedS = atS - this.#atS
    const ageS = atS - this.#bornS
    const expectedUs = this.offsetUs + this.#driftPpm * elapsedS
    const timeConstantS = Math.min(longestTimeConstantS, timeConstantPerAge * ageS)
    const share = ageS < rawForS ? 1 : 1 - Math.exp(-elapsedS / timeConstantS)
    this.offsetUs = expectedUs + share * (offsetUs - expectedUs)
    this.#driftPpm = driftPpm
    this.#atS = atS
  }
}
