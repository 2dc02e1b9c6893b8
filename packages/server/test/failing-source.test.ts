import { expect } from 'chai'
import { silent } from './stage.js'
import { groupState, music, second, stageWith } from './stage-tracks.js'

describe('Coordinator, when the source fails', () => {
  it('fills in for a late source with silence, in step, and loses none of its frames', () => {
    const stage = stageWith(['b', 5])
    stage.tracks.set('a', { frames: 20 * second, stalls: [3000, 14_000] })
    stage.player(1, 'kitchen')
    stage.player(2, 'hall', { formats: ['pcm'] })
    stage.play('a', 'b')
    stage.run(40_000)
    const runs = music(stage, 1)
    const [before, gap, after] = runs
    expect(runs.map((run) => run.track)).to.deep.equal(['a', silent, 'a', 'b', silent])
    expect(before!.length + after!.length).to.equal(20 * second)
    expect(after!.from).to.equal(before!.length)
    expect(after!.startsAt - before!.startsAt).to.be.closeTo(((before!.length + gap!.length) * 1e6) / second, 1)
    expect(music(stage, 2).map((run) => run.startsAt - runs[0]!.startsAt)).to.deep.equal(
      runs.map((run) => run.startsAt - runs[0]!.startsAt),
    )
    expect(stage.events.filter((event) => event.type === 'sourceLate').length).to.equal(1)
  })

  it('skips a track that cannot be opened, with one clear event, and goes on gaplessly', () => {
    const stage = stageWith(['a', 4], ['c', 4])
    stage.tracks.set('b', { frames: 0, failsWith: 'no such file' })
    stage.player(1, 'kitchen')
    stage.play('a', 'b', 'c')
    stage.run(12_000)
    expect(music(stage, 1).map((run) => run.track)).to.deep.equal(['a', 'c', silent])
    expect(stage.events.filter((event) => event.type === 'trackSkipped')).to.deep.equal([
      { type: 'trackSkipped', group: stage.group, location: 'b', reason: 'no such file' },
    ])
  })

  it('stops, rather than try for ever, when nothing in the queue can be played', () => {
    for (const repeat of ['off', 'one', 'all'] as const) {
      const stage = stageWith(['empty', 0])
      stage.player(1, 'kitchen')
      stage.command({ command: 'setRepeat', group: stage.group, repeat })
      stage.play('x', 'y', 'empty')
      stage.run(10_000)
      expect(groupState(stage).state).to.equal('stopped')
      expect(stage.opened).to.equal(3)
      expect(stage.events.map((event) => event.type)).to.include('nothingPlayable')
    }
  })

  it('plays what there is of a track that breaks off, and goes on with the next', () => {
    const stage = stageWith(['b', 2])
    stage.tracks.set('a', { frames: 60 * second, failsAt: 3 * second })
    stage.player(1, 'kitchen')
    stage.play('a', 'b')
    stage.run(8000)
    const [a, b] = music(stage, 1)
    expect([a!.track, b!.track]).to.deep.equal(['a', 'b'])
    expect(a!.length).to.be.closeTo(3 * second, 2000)
    expect(stage.events.filter((event) => event.type === 'trackBroken').length).to.equal(1)
  })
})
