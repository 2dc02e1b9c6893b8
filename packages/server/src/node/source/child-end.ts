/** How a child process ended, and what it said last. */
import type { ChildProcess } from 'node:child_process'

/** A runaway child may say much; only the end of it is kept. */
const maxComplaint = 1000

/** Settles when the child has gone: undefined when it finished, else why not. */
export function failureOf(child: ChildProcess, name: string): Promise<string | undefined> {
  return new Promise((settle) => {
    child.once('error', (error) => settle(`${name} did not start: ${error.message}`))
    child.once('close', (code, signal) => settle(code === 0 ? undefined : `${name} ended with ${signal ?? code}`))
  })
}

/** The last of what the child writes to its standard error, as it stands when asked. */
export function complaintOf(child: ChildProcess): () => string {
  let text = ''
  child.stderr!.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-maxComplaint)
  })
  return () => text.trim()
}
