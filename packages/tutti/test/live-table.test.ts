import { stripVTControlCharacters } from 'node:util'
import { expect } from 'chai'
import { type Column, LiveTable, type Screen } from '../src/live-table.js'

const columns: readonly Column[] = [
  { title: 'room', align: 'left' },
  { title: 'offset', align: 'right' },
]

function recordingScreen(traits: Partial<Screen>): Screen & { text: string } {
  return {
    ...traits,
    text: '',
    write(text) {
      this.text += text
    },
  }
}

describe('LiveTable', () => {
  it('writes plain lines to a pipe, the header once, with no control characters', () => {
    const screen = recordingScreen({})
    const table = new LiveTable(screen, columns)
    table.draw([['kitchen', '+1 µs']], 'one')
    table.note('a room joined')
    table.draw([['hall', '−12 µs']], 'two')
    table.end()
    expect(screen.text).to.equal('room     offset\nkitchen   +1 µs\none\na room joined\nhall     −12 µs\ntwo\n')
  })

  it('draws over its last drawing on a terminal and gives the cursor back', () => {
    const screen = recordingScreen({ isTTY: true, columns: 80 })
    const table = new LiveTable(screen, columns)
    table.draw([['kitchen', '+1 µs']], 'one')
    screen.text = ''
    table.draw([['kitchen', '+2 µs']], 'two')
    expect(screen.text.startsWith('\x1b[4A\r\x1b[0J')).to.equal(true)
    expect(screen.text.split('\n')).to.have.length(5)
    table.end()
    expect(screen.text.endsWith('\x1b[?25h')).to.equal(true)
  })

  it('keeps what is noted above the table', () => {
    const screen = recordingScreen({ isTTY: true, columns: 80 })
    const table = new LiveTable(screen, columns)
    table.draw([['kitchen', '+1 µs']], 'one')
    screen.text = ''
    table.note('a room joined')
    table.draw([['kitchen', '+1 µs']], 'one')
    expect(screen.text.startsWith('\x1b[4A\r\x1b[0Ja room joined\n\x1b[1m')).to.equal(true)
  })

  it('never wraps on a narrow terminal, which would break the redrawing', () => {
    const screen = recordingScreen({ isTTY: true, columns: 12 })
    new LiveTable(screen, columns).draw([['a very long name', '+1 µs']], 'a footer longer than the screen')
    for (const line of stripVTControlCharacters(screen.text).split('\n')) {
      expect(line.length).to.be.below(12)
    }
  })
})
