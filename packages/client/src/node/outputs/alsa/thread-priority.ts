/**
 * Real-time scheduling for the thread that calls, and for no other: a whole Node process at real-time priority was seen
 * to be throttled by the kernel, and then underran.
 *
 * Linux grants it to root, to CAP_SYS_NICE and to whoever has a sufficient RLIMIT_RTPRIO (`LimitRTPRIO=` of a systemd
 * unit, `rtprio` in limits.conf); to everybody else it says no, and nothing changes. (sched(7))
 */
import { availableParallelism } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import koffi from 'koffi'

/** SCHED_FIFO, and SCHED_RESET_ON_FORK: threads started from here are ordinary ones again. */
const fifo = 1 | 0x4000_0000
/** Above everything ordinary, below the kernel's threaded interrupts (50), which our audio depends on. */
export const realTimePriority = 40

/**
 * Returns whether it was granted; never on the main thread, nor where V8's helpers would not get to run beside it: while they collect
 * its garbage it comes back again and again to see whether they are done (`cppgc::internal::Sweeper`, V8 11.3), and on a
 * single core they never are.
 *
 * @param cores this process may use
 * @param nodeOptions what Node was started with
 */
export function raiseThreadPriority(cores = availableParallelism(), nodeOptions = process.execArgv): boolean {
  if (isMainThread || process.platform !== 'linux') return false
  if (cores < 2 && !nodeOptions.includes('--single-threaded-gc')) return false
  const libc = koffi.load(null)
  const self = libc.func('void *pthread_self()')
  const schedule = libc.func('int pthread_setschedparam(void *thread, int policy, const int *priority)')
  return schedule(self(), fifo, [realTimePriority]) === 0
}
