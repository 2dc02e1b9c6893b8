import { expect } from 'chai'
import { Programme } from '../src/programme.js'
import { addEntries, emptyQueue, findEntry, type QueueState, removeEntry } from '../src/queue.js'
import { TrackReader } from '../src/track-reader.js'
import { piece } from './hand-fed-deck.js'
import { blocks, type TestBlock } from './stage.js'

const tailFrames = 250 * 48

/** Reads the first of `entries`; what it asks of the world is noted. */
function reading(...entries: readonly { id: string; live?: boolean }[]) {
  const done: string[] = []
  let feeds = 0
  const programme = new Programme<TestBlock>(48_000, blocks)
  const reader = new TrackReader(programme, {
    open: (entry, fromMs) => {
      done.push(`open ${entry.id}${fromMs > 0 ? ` from ${fromMs} ms` : ''}`)
      return ++feeds
    },
    close: (feed) => done.push(`close ${feed}`),
    want: (_, frames) => done.push(`want ${frames}`),
    report: (event) => done.push(event.type),
  })
  const queue = addEntries(
    emptyQueue,
    entries.map(({ id, live = false }) => ({ id, location: id, live })),
  )
  reader.begin(findEntry(queue, entries[0]!.id)!, 0)
  done.length = 0
  return { reader, programme, queue, done }
}

const without = (queue: QueueState, id: string): QueueState => removeEntry(queue, id)

describe('TrackReader', () => {
  it('asks for what is missing, once, and never for less than a tenth of a second', () => {
    const { reader, done } = reading({ id: 'a' })
    reader.wantUntil(48_000)
    reader.wantUntil(48_000)
    reader.wantUntil(48_010)
    reader.append(piece(200))
    reader.wantUntil(48_010)
    expect(done).to.deep.equal(['want 48000', 'want 4800'])
  })

  it('opens the next track as soon as all of this one has come', () => {
    const { reader, queue, done } = reading({ id: 'a' }, { id: 'b' })
    reader.append(piece(200))
    expect(reader.trackEnded(queue)).to.equal(true)
    expect(done).to.deep.equal(['close 1', 'open b'])
    expect(reader).to.include({ isBeginning: true, latest: 'a', endFrame: undefined })
    reader.append(piece(200))
    expect(reader).to.include({ isBeginning: false, latest: 'b' })
  })

  it('knows where the music ends after the last one, and goes on with silence for the encoders', () => {
    const { reader, programme, queue } = reading({ id: 'a' })
    reader.append(piece(200))
    expect(reader.trackEnded(queue)).to.equal(true)
    expect(reader).to.include({ isReading: false, endFrame: 9_600 })
    expect(programme.endFrame).to.equal(9_600 + tailFrames)
  })

  it('skips what cannot be opened, and gives up when nothing can', () => {
    const { reader, queue, done } = reading({ id: 'a' }, { id: 'b' })
    expect(reader.trackFailed('no such file', queue)).to.equal(true)
    expect(reader.trackFailed('no such file', queue)).to.equal(false)
    expect(done).to.deep.equal([
      ...['close 1', 'trackSkipped', 'open b'],
      ...['close 2', 'trackSkipped', 'nothingPlayable'],
    ])
  })

  it('takes a track that ends before it began for one that holds nothing, but not after a seek to its end', () => {
    const { reader, queue, done } = reading({ id: 'a' }, { id: 'b' })
    reader.trackEnded(queue)
    expect(done).to.include('trackSkipped')
    done.length = 0
    reader.begin(findEntry(queue, 'a')!, 180_000)
    reader.trackEnded(queue)
    expect(done).to.deep.equal(['open a from 180000 ms', 'close 3', 'open b'])
  })

  it('knows that what follows live audio has no more of a lead than that had', () => {
    const { reader, queue } = reading({ id: 'radio', live: true }, { id: 'b' })
    reader.append(piece(20))
    expect(reader.followsLive).to.equal(false)
    reader.trackEnded(queue)
    expect(reader.followsLive).to.equal(true)
    reader.append(piece(20))
    expect(reader.followsLive).to.equal(false)
  })

  it('opens another track when the queue has changed before this one was heard of', () => {
    const { reader, queue, done } = reading({ id: 'a' }, { id: 'b' }, { id: 'c' })
    reader.append(piece(200))
    reader.trackEnded(queue)
    done.length = 0
    expect(reader.reconsider(queue)).to.equal(true)
    expect(reader.reconsider(without(queue, 'b'))).to.equal(true)
    expect(done).to.deep.equal(['close 2', 'open c'])
  })

  it('goes on when something is added while the last track dies away, and keeps its end when nothing is', () => {
    const { reader, queue, done } = reading({ id: 'a' })
    reader.append(piece(200))
    reader.trackEnded(queue)
    reader.reconsider(queue)
    expect(reader.endFrame).to.equal(9_600)
    done.length = 0
    reader.reconsider(addEntries(queue, [{ id: 'late', location: 'late' }]))
    expect(done).to.deep.equal(['open late'])
    expect(reader.endFrame).to.equal(undefined)
  })

  it('forgets everything read when it is dropped', () => {
    const { reader, programme, done } = reading({ id: 'a' })
    reader.append(piece(200))
    reader.drop()
    expect(done).to.deep.equal(['close 1'])
    expect(reader).to.include({ isReading: false, latest: undefined, endFrame: undefined })
    expect(programme.firstFrame).to.equal(programme.endFrame)
  })
})
