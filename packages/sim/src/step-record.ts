/** Since when rooms have been in step, whether they had recovered from a trial before, and what spoilt it last. */

/** In step is in step for so long. */
export const steadyS = 5

export class StepRecord {
  #inStepSinceS: number | undefined
  #recoveredAtS: number | undefined
  #wrongSinceS = 0
  #isSilence = false

  /** When the rooms were first in step for good since the end of the trial; undefined when they have not been. */
  get recoveredAtS(): number | undefined {
    return this.#recoveredAtS
  }

  /** When they came to be in step; undefined while they are not. */
  get inStepSinceS(): number | undefined {
    return this.#inStepSinceS
  }

  /** When what is wrong, or was last, began. */
  get wrongSinceS(): number {
    return this.#wrongSinceS
  }

  /** How long something has been wrong, or was last; undefined unless it was nothing but silence. */
  silenceS(atS: number): number | undefined {
    return this.#isSilence ? (this.#inStepSinceS ?? atS) - this.#wrongSinceS : undefined
  }

  /** Whether they are in step, and have been for long enough. */
  isSteady(atS: number): boolean {
    return this.#inStepSinceS !== undefined && atS - this.#inStepSinceS >= steadyS
  }

  /** Notes whether all rooms are in step, or what is wrong is that some are silent. The trial is over at `trialEndsAtS`. */
  look(state: 'in step' | 'silent' | 'apart', trialEndsAtS: number, atS: number): void {
    if (state === 'in step') {
      this.#inStepSinceS ??= atS
      const since = Math.max(this.#inStepSinceS, trialEndsAtS)
      if (atS - since >= steadyS) this.#recoveredAtS ??= since
      return
    }
    const isFirst = this.#inStepSinceS !== undefined
    if (isFirst) this.#wrongSinceS = atS
    this.#isSilence = (isFirst || this.#isSilence) && state === 'silent'
    this.#inStepSinceS = undefined
  }

  /** Another trial is to be recovered from. */
  restart(): void {
    this.#recoveredAtS = undefined
  }
}
