import { expect } from 'chai'
import { formatState, parseState } from '../src/server-state.js'
import { Stage } from './stage.js'

const second = 48_000

function usedStage(): Stage {
  const stage = new Stage()
  stage.tracks.set('a', { frames: 60 * second })
  stage.tracks.set('b', { frames: 60 * second })
  stage.player(1, 'kitchen')
  stage.player(2, 'bath')
  stage.play('a', 'b')
  stage.command({ command: 'renameClient', client: 'bath', name: 'Upstairs' })
  stage.command({ command: 'isolateClient', client: 'bath' })
  stage.command({ command: 'setRepeat', group: stage.group, repeat: 'all' })
  stage.command({ command: 'setShuffle', group: stage.group, shuffle: true })
  stage.run(12_000)
  return stage
}

function kept(stage: Stage): string {
  return formatState(stage.coordinator.state(stage.now))
}

describe('ServerState', () => {
  it('brings names, groups, queues and positions back after a restart, and plays nothing by itself', () => {
    const before = usedStage()
    const parsed = parseState(kept(before))
    if ('problem' in parsed) throw new Error(parsed.problem)
    const after = new Stage({}, parsed.state)
    const [home, solo] = after.coordinator.snapshot(after.now).groups
    expect(home).to.deep.include({ name: 'Home', state: 'paused', repeat: 'all', shuffle: true })
    expect(home!.positionMs).to.be.closeTo(11_400, 200)
    expect(home!.queue.map((entry) => entry.title)).to.include('Title of a')
    expect(solo!.clients.map((client) => client.name)).to.deep.equal(['Upstairs'])
    expect(kept(after)).to.equal(kept(before))
  })

  it('still knows for how long a room has been away, and pretends nothing of those that were here', () => {
    const before = usedStage()
    before.input({ type: 'disconnected', connection: 2 })
    before.run(90_000)
    const parsed = parseState(kept(before))
    const after = new Stage({}, 'state' in parsed ? parsed.state : undefined)
    const seen = after.coordinator.snapshot(after.now).groups.flatMap(({ clients }) => clients)
    const lastSeenAt = (id: string) => seen.find((client) => client.id === id)!.lastSeenAt
    expect((after.now - lastSeenAt('bath')!) / 1e6).to.be.closeTo(90, 1)
    expect(lastSeenAt('kitchen')).to.equal(undefined)
  })

  it('goes on where it stood when asked to play', () => {
    const parsed = parseState(kept(usedStage()))
    const after = new Stage({}, 'state' in parsed ? parsed.state : undefined)
    after.tracks.set('a', { frames: 60 * second })
    after.tracks.set('b', { frames: 60 * second })
    after.player(1, 'kitchen')
    expect(after.command({ command: 'play', group: after.group })).to.equal(undefined)
    after.run(3000)
    const [span] = after
      .audio(1)
      .flatMap((chunk) => chunk.payload)
      .filter((other) => other.track !== 'lookahead')
    expect(span!.from / 48).to.be.closeTo(11_400, 200)
  })

  it('says in one line why a file cannot be used', () => {
    const problems = [
      '{"version":1,"gro',
      '[]',
      '{"version":99}',
      '{"version":1,"groups":[{"id":1}],"clients":[]}',
    ].map((text) => {
      const parsed = parseState(text)
      return 'problem' in parsed ? parsed.problem : undefined
    })
    expect(problems[0]).to.contain('not JSON')
    expect(problems[1]).to.contain('version')
    expect(problems[2]).to.contain('newer version')
    expect(problems[3]).to.contain('groups.0.id')
    for (const problem of problems) expect(problem).to.not.contain('\n')
  })

  it('mends references that lead nowhere', () => {
    const entry = { id: 'e', location: 'x' }
    const parsed = parseState(
      JSON.stringify({
        version: 1,
        groups: [
          {
            id: 'g',
            entries: [entry, entry],
            shuffled: ['e', 'ghost'],
            current: 'ghost',
            repeat: 'off',
            positionMs: 0,
          },
          { id: 'g', entries: [], repeat: 'off', positionMs: 0 },
        ],
        clients: [
          { id: 'c', name: 'C', group: 'nowhere' },
          { id: 'c', name: 'Twin', group: 'g' },
        ],
      }),
    )
    if ('problem' in parsed) throw new Error(parsed.problem)
    const stage = new Stage({}, parsed.state)
    const { groups } = stage.coordinator.snapshot(stage.now)
    expect(groups.length).to.equal(1)
    expect(groups[0]).to.deep.include({ current: 'e', shuffle: true })
    expect(groups[0]!.queue.length).to.equal(1)
    expect(groups[0]!.clients.map((client) => client.name)).to.deep.equal(['C'])
  })
})
