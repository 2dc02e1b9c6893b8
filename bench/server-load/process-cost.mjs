/** What a process has cost, all its threads together, as Linux accounts for it (proc(5)). */
import { readFileSync } from 'node:fs'

const ticksPerS = 100 // USER_HZ, the same on every architecture Node runs on

/** User and system time since the process began. */
export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // the name may hold anything; field 3 follows it
  return (Number(fields[11]) + Number(fields[12])) / ticksPerS
}

export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return { rssMiB: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]) / 1024 }
}
