import { expect } from 'chai'
import type { SaidMessage } from '../src/output.js'
import { silent } from './stage.js'
import { groupState, music, second, stageWith } from './stage-tracks.js'

function types(messages: readonly SaidMessage[]): readonly string[] {
  return messages.map((message) => message.type)
}

describe('Coordinator, with an edited queue', () => {
  it('follows a change of what comes next, even after it has been opened', () => {
    const stage = stageWith(['a', 10], ['b', 5], ['c', 5])
    stage.tracks.set('b', { frames: 5 * second, opensAfterMs: 60_000 })
    stage.player(1, 'kitchen')
    stage.play('a', 'b', 'c')
    stage.run(4000)
    const [, b] = groupState(stage).queue
    stage.command({ command: 'removeTrack', group: stage.group, entry: b!.id })
    stage.run(14_000)
    expect(music(stage, 1).map((run) => run.track)).to.deep.equal(['a', 'c', silent])
  })

  it('goes on when something is added while the last track dies away', () => {
    const stage = stageWith(['a', 6], ['b', 5])
    stage.player(1, 'kitchen')
    stage.play('a')
    stage.run(4000)
    stage.command({ command: 'addTracks', group: stage.group, tracks: [{ location: 'b' }] })
    stage.run(15_000)
    const runs = music(stage, 1)
    expect(runs.map((run) => run.track)).to.deep.equal(['a', silent, 'b', silent])
    expect(runs[1]!.length / 48).to.be.below(400)
    expect(types(stage.messages(1)).filter((type) => type === 'stream/end').length).to.equal(1)
  })

  it('moves on when the track that is heard is removed, and stops when the queue is cleared', () => {
    const stage = stageWith(['a', 60], ['b', 60])
    stage.player(1, 'kitchen')
    stage.play('a', 'b')
    stage.run(3000)
    stage.clearHeard()
    stage.command({ command: 'removeTrack', group: stage.group, entry: groupState(stage).current! })
    stage.run(2000)
    expect(music(stage, 1)[0]!.track).to.equal('b')
    stage.command({ command: 'clearQueue', group: stage.group })
    expect(groupState(stage)).to.deep.include({ state: 'stopped', queue: [] })
    expect(stage.command({ command: 'play', group: stage.group })).to.contain('queue is empty')
    expect(stage.command({ command: 'next', group: stage.group })).to.contain('queue is empty')
  })

  it('takes a removed track out even when its first seconds are on their way already', () => {
    const stage = stageWith(['a', 8], ['b', 60], ['c', 5])
    stage.player(1, 'kitchen')
    stage.play('a', 'b', 'c')
    stage.run(6000)
    stage.command({ command: 'removeTrack', group: stage.group, entry: groupState(stage).queue[1]!.id })
    stage.clearHeard()
    stage.run(12_000)
    expect(music(stage, 1).map((run) => run.track)).to.deep.equal(['a', 'c', silent])
  })
})
