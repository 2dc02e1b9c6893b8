/** What benches are told on the command line; the comment a bench begins with is its help. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** The values of `options`, as `parseArgs` has them. Ends the process with the help of the bench at `url` where they are wrong or it is asked for. */
export function optionsOf(url, options, required = []) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', default: false } } })
    const missing = required.find((name) => values[name] === undefined)
    if (missing !== undefined && !values.help) throw new Error(`--${missing} is missing`)
    if (!values.help) return values
  } catch ({ message }) {
    console.error(`${message}\n\n${helpOf(url)}`)
    process.exit(2)
  }
  console.log(helpOf(url))
  process.exit(0)
}

function helpOf(url) {
  const lines = readFileSync(fileURLToPath(url), 'utf8')
    .replace(/^#!.*\n/, '')
    .split('\n')
  const comment = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('//')),
  )
  return comment.map((line) => line.replace(/^\/\/ ?/, '')).join('\n')
}
