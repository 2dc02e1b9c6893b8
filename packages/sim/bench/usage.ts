/** How benches answer `--help` and a wrong option: in a line or two, not with a stack trace. */

/** What `read` makes of the command line; ends the process where it throws, or where help is asked for. */
export function orUsage<Options>(usage: string, read: () => Options): Options {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  }
  try {
    return read()
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}\n`)
    process.exit(2)
  }
}
