/** Something a person has to put right: one line that says what happened and what to do. It ends the program with code 1. */
export class Complaint extends Error {
  override readonly name = 'Complaint'
}
