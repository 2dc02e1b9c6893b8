/** Something a person has to put right: one line that says what happened and what to do. It ends the program with code 1. */
export class Complaint extends Error {
  override readonly name = 'Complaint'
}

/** What other packages throw in the same spirit; the audio thread's come without their class. */
const kindred = new Set(['Complaint', 'SourceProblem', 'OutputError', 'CommandProblem'])

/** Everything else is our own bug, and keeps its stack. */
export function isComplaint(error: unknown): error is Error {
  return error instanceof Error && kindred.has(error.name)
}
