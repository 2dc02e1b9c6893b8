import { expect } from 'chai'
import fc from 'fast-check'
import {
  addEntries,
  clearEntries,
  emptyQueue,
  entryAfter,
  moveEntry,
  playOrder,
  type QueueState,
  removeEntry,
  setCurrent,
  setShuffle,
  skipFrom,
} from '../src/queue.js'

const queueOf = (...ids: string[]): QueueState =>
  addEntries(
    emptyQueue,
    ids.map((id) => ({ id, location: `${id}.flac` })),
  )

let seed = 1
const random = {
  uniform: () => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  },
}

describe('Queue', () => {
  const queue = queueOf('a', 'b', 'c')

  it('starts with the first track that was added', () => {
    expect(queue.current).to.equal('a')
    expect(addEntries(queue, [{ id: 'd', location: 'd' }], 0).current).to.equal('a')
  })

  it('goes through the list once, or round and round, or stays, as it is told to repeat', () => {
    expect(['a', 'b', 'c'].map((id) => entryAfter(queue, id))).to.deep.equal(['b', 'c', undefined])
    expect(entryAfter({ ...queue, repeat: 'all' }, 'c')).to.equal('a')
    expect(entryAfter({ ...queue, repeat: 'one' }, 'b')).to.equal('b')
  })

  it('lets a listener out of a track that repeats', () => {
    expect(skipFrom({ ...queue, repeat: 'one' }, 'b', 1)).to.equal('c')
    expect(skipFrom({ ...queue, repeat: 'one' }, 'c', 1)).to.equal('a')
    expect(skipFrom(queue, 'c', 1)).to.equal(undefined)
    expect(skipFrom({ ...queue, repeat: 'all' }, 'a', -1)).to.equal('c')
  })

  it('shuffles all tracks, the current one first, and finds back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 20 }), fc.nat(), (ids, n) => {
        const current = ids[n % ids.length]!
        const shuffled = setShuffle(setCurrent(queueOf(...ids), current), true, random)
        expect(playOrder(shuffled)[0]).to.equal(current)
        expect([...playOrder(shuffled)].sort()).to.deep.equal([...ids].sort())
        expect(playOrder(setShuffle(shuffled, false, random))).to.deep.equal(ids)
      }),
    )
  })

  it('shuffles fairly: each order of three is about as frequent as any other', () => {
    const counts = new Map<string, number>()
    const four = setCurrent(queueOf('x', 'a', 'b', 'c'), 'x')
    for (let i = 0; i < 6000; i++) {
      const order = playOrder(setShuffle(four, true, random)).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).to.equal(6)
    for (const count of counts.values()) expect(count).to.be.within(850, 1150)
  })

  it('keeps its place while tracks come, go and move around it', () => {
    const atB = setCurrent(queue, 'b')
    expect(moveEntry(atB, 'b', 0)).to.include({ current: 'b' })
    expect(playOrder(moveEntry(atB, 'c', 0))).to.deep.equal(['c', 'a', 'b'])
    expect(moveEntry(atB, 'nobody', 0)).to.equal(atB)
    expect(removeEntry(atB, 'a').current).to.equal('b')
    expect(removeEntry(atB, 'b').current).to.equal('c')
    expect(removeEntry(queueOf('a'), 'a').current).to.equal(undefined)
  })

  it('plays what is added while shuffled after everything else', () => {
    const shuffled = setShuffle(queue, true, random)
    const grown = addEntries(shuffled, [{ id: 'd', location: 'd' }], 0)
    expect(playOrder(grown).at(-1)).to.equal('d')
    expect(grown.entries[0]!.id).to.equal('d')
    expect(playOrder(removeEntry(grown, 'd'))).to.not.include('d')
  })

  it('forgets the tracks, not how they are played, when it is cleared', () => {
    const cleared = clearEntries({ ...setShuffle(queue, true, random), repeat: 'all' })
    expect(cleared).to.deep.equal({ entries: [], shuffled: [], current: undefined, repeat: 'all' })
    expect(addEntries(cleared, [{ id: 'z', location: 'z' }]).current).to.equal('z')
  })
})
