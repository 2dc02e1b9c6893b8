/**
 * Real-time scheduling for the thread that calls, and for no other: a whole Node process at real-time priority was seen
 * to be throttled by the kernel, and then underran.
 *
 * Linux grants it to root, to CAP_SYS_NICE and to whoever has a sufficient RLIMIT_RTPRIO (`LimitRTPRIO=` of a systemd
 * unit, `rtprio` in limits.conf); to everybody else it says no, and nothing changes. (sched(7))
 */
import { isMainThread } from 'node:worker_threads'
import koffi from 'koffi'

/** SCHED_FIFO, and SCHED_RESET_ON_FORK: threads started from here are ordinary ones again. */
const fifo = 1 | 0x4000_0000
/** Above everything ordinary, below the kernel's threaded interrupts (50), which our audio depends on. */
export const realTimePriority = 40

/** Returns whether it was granted; never on the main thread. */
export function raiseThreadPriority(): boolean {
  if (isMainThread || process.platform !== 'linux') return false
  const libc = koffi.load(null)
  const self = libc.func('void *pthread_self()')
  const schedule = libc.func('int pthread_setschedparam(void *thread, int policy, const int *priority)')
  return schedule(self(), fifo, [realTimePriority]) === 0
}
