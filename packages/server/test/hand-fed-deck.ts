/** A deck of one track, live or not, whose feed a test fills by hand. */
import { Deck } from '../src/deck.js'
import { Programme } from '../src/programme.js'
import { addEntries, emptyQueue } from '../src/queue.js'
import { blocks, type TestBlock } from './stage.js'

export interface HandFedDeck {
  readonly deck: Deck<TestBlock>
  readonly programme: Programme<TestBlock>
  /** Frames asked for, one number for each time. */
  readonly wanted: number[]
}

/** Plays; its feed is 1, and nothing of it has come. */
export function handFedDeck(live: boolean): HandFedDeck {
  const wanted: number[] = []
  const programme = new Programme<TestBlock>(48_000, blocks)
  const deck = new Deck(programme, {
    open: () => 1,
    close: () => undefined,
    want: (_, frames) => wanted.push(frames),
    cleared: () => undefined,
    halted: () => undefined,
    report: () => undefined,
  })
  deck.restore(addEntries(emptyQueue, [{ id: 'e1', location: 'track', live }]), 0)
  deck.play()
  return { deck, programme, wanted }
}

/** So many ms of the track, from its frame `from` on. */
export function piece(ms: number, from = 0): TestBlock {
  return { length: ms * 48, spans: [{ track: 'track', from, length: ms * 48 }] }
}
