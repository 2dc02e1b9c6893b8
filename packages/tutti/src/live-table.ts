/**
 * A table that is drawn again and again: in place on a terminal, as plain lines everywhere else, so that a pipe or a log
 * gets text it can keep.
 */

export interface Column {
  readonly title: string
  /** Numbers stand right, words left. */
  readonly align: 'left' | 'right'
}

/** The part of `process.stdout` a table needs. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const gap = '  '
const clearBelow = '\x1b[0J'
const hideCursor = '\x1b[?25l'
const showCursor = '\x1b[?25h'
const bold = '\x1b[1m'
const plain = '\x1b[0m'

export class LiveTable {
  readonly #screen: Screen
  readonly #columns: readonly Column[]
  /** Widths only grow, so that columns do not dance. */
  readonly #widths: number[]
  #drawnLines = 0
  #isFirst = true

  constructor(screen: Screen, columns: readonly Column[]) {
    this.#screen = screen
    this.#columns = columns
    this.#widths = columns.map(({ title }) => title.length)
  }

  get isInPlace(): boolean {
    return this.#screen.isTTY === true
  }

  /** Cells as text, one array per row; `footer` is a line below. */
  draw(rows: readonly (readonly string[])[], footer: string): void {
    for (const row of rows) {
      for (const [i, cell] of row.entries()) this.#widths[i] = Math.max(this.#widths[i]!, cell.length)
    }
    if (this.isInPlace) this.#drawInPlace(rows, footer)
    else this.#drawPlain(rows, footer)
    this.#isFirst = false
  }

  /** Writes text that stays, above what is drawn next. */
  note(line: string): void {
    if (!this.isInPlace) {
      this.#screen.write(`${line}\n`)
      return
    }
    this.#screen.write(`${this.#backToTop()}${line}\n`)
    this.#drawnLines = 0
  }

  /** Leaves the last drawing where it is. */
  end(): void {
    if (this.isInPlace && !this.#isFirst) this.#screen.write(showCursor)
  }

  #drawInPlace(rows: readonly (readonly string[])[], footer: string): void {
    const width = this.#screen.columns || 80 // some terminals say 0
    const header = this.#layOut(this.#columns.map(({ title }) => title))
    const lines = [
      `${bold}${header.slice(0, width - 1)}${plain}`,
      ...[...rows.map((row) => this.#layOut(row)), '', footer].map((line) => line.slice(0, width - 1)),
    ]
    this.#screen.write(`${this.#isFirst ? hideCursor : this.#backToTop()}${lines.join('\n')}\n`)
    this.#drawnLines = lines.length
  }

  #drawPlain(rows: readonly (readonly string[])[], footer: string): void {
    const header = this.#isFirst ? [this.#layOut(this.#columns.map(({ title }) => title))] : []
    this.#screen.write(`${[...header, ...rows.map((row) => this.#layOut(row)), footer].join('\n')}\n`)
  }

  #backToTop(): string {
    return this.#drawnLines === 0 ? '' : `\x1b[${this.#drawnLines}A\r${clearBelow}`
  }

  #layOut(cells: readonly string[]): string {
    return cells
      .map((cell, i) =>
        this.#columns[i]!.align === 'right' ? cell.padStart(this.#widths[i]!) : cell.padEnd(this.#widths[i]!),
      )
      .join(gap)
      .trimEnd()
  }
}
