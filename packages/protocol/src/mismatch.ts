/** Where outside data is not as it must be and why: one line fit for a log, whatever the data holds. */
import type { BaseIssue } from 'valibot'

/** Longer ones hold the sender's own words, or lists of all that would do. */
const longest = 140

/** `root` is what to call the whole; with '' only paths are named. */
export function describeMismatch(issue: BaseIssue<unknown>, root: string): string {
  const keys = issue.path?.map(({ key }) => String(key)) ?? []
  const where = [...(root === '' ? [] : [root]), ...keys].join('.')
  return where === '' ? onOneLine(problem(issue)) : `${onOneLine(where)}: ${onOneLine(problem(issue))}`
}

function problem({ path, expected, message }: BaseIssue<unknown>): string {
  if (path?.at(-1)?.origin !== 'key') return message
  return expected === 'never' ? 'there is no such field' : 'is missing'
}

function onOneLine(words: string): string {
  const line = words.slice(0, longest).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{fffd}')
  return words.length > longest ? `${line}…` : line
}
