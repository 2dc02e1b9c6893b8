/** What a process has cost, all its threads together, as Linux accounts for it (proc(5)). */
import { readdirSync, readFileSync } from 'node:fs'

const ticksPerS = 100 // USER_HZ, the same on every architecture Node runs on

/** User and system time since the process began. */
export function cpuSeconds(pid) {
  return spent(`/proc/${pid}/stat`)
}

/** The same for each of its threads, by their ids. */
export function threadSeconds(pid) {
  return new Map(readdirSync(`/proc/${pid}/task`).map((id) => [id, spent(`/proc/${pid}/task/${id}/stat`)]))
}

/** How often its threads have slept and been woken again. */
export function wakeUps(pid) {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, id) => {
    const status = readFileSync(`/proc/${pid}/task/${id}/status`, 'utf8')
    return sum + Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)[1])
  }, 0)
}

/** Now, and the most it ever was. */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)[1]) / 1024
  return {
    rssMiB: mib('VmRSS'),
    mostMiB: mib('VmHWM'),
    anonymousMiB: mib('RssAnon'),
    fileMiB: mib('RssFile'),
    sharedMiB: mib('RssShmem'),
  }
}

function spent(path) {
  const stat = readFileSync(path, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // the name may hold anything; field 3 follows it
  return (Number(fields[11]) + Number(fields[12])) / ticksPerS
}
