/** Resolves when the user or the system asks the program to end: Ctrl-C, a closed terminal, a service manager. */
export function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}
