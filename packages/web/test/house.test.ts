import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import type { GroupStatus, Reading, ServerStatus } from '../src/contract.js'
import { House } from '../src/house.js'

function group(id: string, change: Partial<GroupStatus> = {}): GroupStatus {
  return {
    id,
    name: id,
    state: 'stopped',
    volume: 50,
    muted: false,
    repeat: 'off',
    shuffle: false,
    current: undefined,
    positionMs: 0,
    isMoving: false,
    queue: [],
    playOrder: [],
    clients: [],
    ...change,
  }
}

function status(at: number, ...groups: readonly GroupStatus[]): ServerStatus {
  return { server: { id: 's', name: 'Home' }, at: at as ServerUs, groups }
}

const client = (id: string) => ({ id, name: id, isConnected: true, isPlayer: true }) as GroupStatus['clients'][number]
const reading = (at: number, change: Partial<Reading> = {}): Reading =>
  ({ client: 'a', at, state: 'playing', lateUs: 10, starvations: 0, underruns: 0, ...change }) as Reading

describe('House', () => {
  let now: number
  let sent: string[]
  let isLinked: boolean
  let house: House

  beforeEach(() => {
    ;[now, sent, isLinked] = [0, [], true]
    house = new House(
      (text) => {
        if (isLinked) sent.push(text)
        return isLinked
      },
      () => now,
    )
  })
  const told = (...groups: readonly GroupStatus[]): void =>
    house.hear({ type: 'status', status: status(1e6, ...groups) })

  it('lets the position move on between two words of the server, up to the end and only while it plays', () => {
    const queue = [{ id: 'e', location: 'x', title: 'x', durationMs: 10_000 }]
    told(group('g', { positionMs: 3_000, isMoving: true, current: 'e', queue }))
    now += 2_500
    expect(house.positionMs(house.group.value!)).to.equal(5_500)
    now += 60_000
    expect(house.positionMs(house.group.value!)).to.equal(10_000)
    told(group('g', { positionMs: 3_000, current: 'e', queue }))
    now += 2_500
    expect(house.positionMs(house.group.value!)).to.equal(3_000)
  })

  it('shows the group that plays until another is chosen, and again once that is gone', () => {
    told(group('quiet', { clients: [client('a')] }), group('loud', { state: 'playing' }))
    expect(house.group.value!.id).to.equal('loud')
    house.chosenGroup.value = 'quiet'
    expect(house.group.value!.id).to.equal('quiet')
    told(group('loud', { state: 'playing' }))
    expect(house.group.value!.id).to.equal('loud')
  })

  it('gives each command its own answer, and says what was refused', async () => {
    const first = house.do({ command: 'pause', group: 'g' })
    const second = house.do({ command: 'play', group: 'nowhere' })
    const [a, b] = sent.map((text) => JSON.parse(text).request as number)
    house.hear({ type: 'answer', request: b!, error: { code: 'refused', message: 'there is no group nowhere' } })
    house.hear({ type: 'answer', request: a!, result: {} })
    expect([await first, await second]).to.deep.equal([true, false])
    expect(house.notices.value.map(({ text }) => text)).to.deep.equal(['There is no group nowhere.'])
  })

  it('leaves no command waiting for ever when the connection breaks or was never there', async () => {
    const waiting = house.do({ command: 'pause', group: 'g' })
    house.lost()
    expect(await waiting).to.equal(false)
    expect(house.link.value).to.equal('lost')
    isLinked = false
    expect(await house.do({ command: 'pause', group: 'g' })).to.equal(false)
  })

  it('keeps ten minutes of readings, forgets rooms that are gone, and the past when the server began anew', () => {
    told(group('g', { clients: [client('a')] }))
    for (let s = 0; s < 5_000; s++) house.hear({ type: 'readings', readings: [reading(s * 1e6)] })
    expect(house.history('a')).to.have.length(600)
    house.hear({ type: 'status', status: status(5_000e6, group('g')) })
    expect(house.history('a')).to.deep.equal([])
    expect(house.readings.value.size).to.equal(0)
    house.hear({ type: 'readings', readings: [reading(1)] })
    house.hear({ type: 'status', status: status(1, group('g', { clients: [client('a')] })) })
    expect(house.history('a')).to.deep.equal([])
  })

  it('knows what is usual of a room once it has played for a while, and counts its dropouts', () => {
    for (let s = 0; s < 10; s++) house.hear({ type: 'readings', readings: [reading(s * 1e6)] })
    expect(house.recent('a')!.usualLateUs).to.equal(undefined)
    for (let s = 10; s < 130; s++) {
      house.hear({
        type: 'readings',
        readings: [reading(s * 1e6, { lateUs: s % 2 ? 180_000 : 181_000, underruns: s > 60 ? 2 : 0 })],
      })
    }
    const { usualLateUs, spreadUs, dropouts, minutes } = house.recent('a')!
    expect(usualLateUs).to.be.within(180_000, 181_000)
    expect([spreadUs, dropouts, minutes]).to.deep.equal([1_000, 2, 2])
  })

  it('shows three notices at most, and no line twice', () => {
    for (const text of ['a', 'b', 'a', 'c', 'd']) house.notify(text)
    expect(house.notices.value.map(({ text }) => text)).to.deep.equal(['a', 'c', 'd'])
    house.dismiss(house.notices.value[0]!.id)
    expect(house.notices.value.map(({ text }) => text)).to.deep.equal(['c', 'd'])
  })
})
