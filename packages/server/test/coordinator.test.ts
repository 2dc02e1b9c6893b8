import { expect } from 'chai'
import { runsOf, Stage, silent } from './stage.js'

const second = 48_000

describe('Coordinator', () => {
  it('plays a track from its first frame to its last, in step, and ends when it has been heard', () => {
    const stage = new Stage()
    stage.tracks.set('a', { frames: 10 * second + 123 })
    stage.player(1, 'kitchen')
    stage.player(2, 'bath', { formats: ['flac'] })
    stage.player(3, 'hall', { formats: ['pcm'] })
    stage.play('a')
    stage.run(15_000)
    const starts = [1, 2, 3].map((connection) => {
      const runs = runsOf(stage.audio(connection)).filter((run) => run.track !== 'lookahead')
      expect(runs.map(({ track, from, length }) => [track, from, track === silent ? 0 : length])).to.deep.equal([
        ['a', 0, 10 * second + 123],
        [silent, 0, 0],
      ])
      return runs[0]!.startsAt
    })
    for (const start of starts) expect(start).to.be.closeTo(starts[0]!, 1)
    const heardUntil = starts[0]! + 10e6 + 123e6 / second
    const end = stage.heard.find((heard) => heard.message?.type === 'stream/end')!
    expect(end.at).to.be.within(heardUntil, heardUntil + 300_000)
    expect(stage.coordinator.snapshot(stage.now).groups[0]!.state).to.equal('stopped')
  })
})
