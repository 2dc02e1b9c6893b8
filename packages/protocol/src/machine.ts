/**
 * A participant without I/O. Inputs are handed in with the time they happened, outputs come back as values, and the
 * machine says when it wants to be woken. It reads no clock and owns no timer, so a simulation can walk it through a
 * day in seconds.
 */
import type { Clock, LocalUs, Reading, Timers } from '@tutti/clock'

export interface Machine<Input, Output, Now extends Reading<string> = LocalUs> {
  handle(input: Input, at: Now): readonly Output[]
  /** Called no earlier than `wakeAt`. */
  wake(at: Now): readonly Output[]
  /** Undefined when only an input can change anything. */
  readonly wakeAt: Now | undefined
}

/** Runs a machine in real or simulated time; the result feeds it inputs. */
export function drive<Input, Output, Now extends Reading<string>>(
  machine: Machine<Input, Output, Now>,
  { clock, timers }: { clock: Clock<Now>; timers: Timers<Now> },
  perform: (output: Output) => void,
): (input: Input, at: Now) => void {
  let cancel: (() => void) | undefined
  let armedFor: Now | undefined

  const settle = (outputs: readonly Output[]): void => {
    const { wakeAt } = machine
    // Most inputs change nothing of it, and setting a timer costs more than most of them do.
    if (wakeAt !== armedFor) {
      cancel?.()
      armedFor = wakeAt
      cancel = wakeAt === undefined ? undefined : timers.wakeAt(wakeAt, wake)
    }
    for (const output of outputs) perform(output)
  }
  const wake = (): void => {
    armedFor = undefined
    settle(machine.wake(clock.now()))
  }

  settle(machine.wake(clock.now()))
  return (input, at) => settle(machine.handle(input, at))
}
