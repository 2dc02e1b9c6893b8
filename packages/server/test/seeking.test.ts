import { expect } from 'chai'
import type { SaidMessage } from '../src/output.js'
import { groupState, music, originOf, second, stageWith } from './stage-tracks.js'

function types(messages: readonly SaidMessage[]): readonly string[] {
  return messages.map((message) => message.type)
}

describe('Coordinator, moving in time', () => {
  it('clears what players hold on a seek, and goes on from the new position after the same lead', () => {
    const stage = stageWith(['a', 100])
    stage.player(1, 'kitchen')
    stage.player(2, 'hall', { formats: ['pcm'] })
    stage.play('a')
    stage.run(5000)
    stage.clearHeard()
    const soughtAt = stage.nowUs
    stage.command({ command: 'seek', group: stage.group, positionMs: 60_000 })
    stage.run(3000)
    expect(types(stage.messages(1)).filter((type) => type.startsWith('stream/'))).to.deep.equal(['stream/clear'])
    const runs = [1, 2].map((connection) => music(stage, connection)[0]!)
    for (const run of runs) expect(run).to.deep.include({ track: 'a', from: 60 * second })
    expect(runs[0]!.startsAt).to.be.closeTo(runs[1]!.startsAt, 1)
    expect(runs[0]!.startsAt - soughtAt).to.be.within(500_000, 620_000)
    const firstAudio = stage.heard.findIndex((heard) => heard.audio)
    expect(stage.heard.findIndex((heard) => heard.message?.type === 'stream/clear')).to.be.below(firstAudio)
  })

  it('stays within the track when a seek points beyond it', () => {
    const stage = stageWith(['a', 10])
    stage.player(1, 'kitchen')
    stage.play('a')
    stage.run(3000)
    stage.command({ command: 'seekRelative', group: stage.group, offsetMs: -60_000 })
    expect(groupState(stage).positionMs).to.equal(0)
    stage.command({ command: 'seek', group: stage.group, positionMs: 999_999 })
    stage.run(3000)
    expect(groupState(stage).state).to.equal('stopped')
    expect(stage.events.map((event) => event.type)).to.not.include('trackSkipped')
  })

  it('pauses at what is heard, ends the stream, and resumes there', () => {
    const stage = stageWith(['a', 100])
    stage.player(1, 'kitchen')
    stage.play('a')
    stage.run(10_000)
    const heardMs = (stage.nowUs - originOf(music(stage, 1)[0]!)) / 1000
    stage.command({ command: 'pause', group: stage.group })
    expect(types(stage.messages(1)).at(-2)).to.equal('stream/end')
    expect(groupState(stage).positionMs).to.be.closeTo(heardMs, 1)
    stage.run(60_000)
    stage.clearHeard()
    stage.command({ command: 'play', group: stage.group })
    stage.run(2000)
    expect(music(stage, 1)[0]!.from / 48).to.be.closeTo(heardMs, 1)
    expect(stage.messages(1, 'stream/start').length).to.equal(1)
  })

  it('jumps to the next and previous track, or back to the start of this one', () => {
    const stage = stageWith(['a', 20], ['b', 20], ['c', 20])
    stage.player(1, 'kitchen')
    stage.play('a', 'b', 'c')
    const heardNow = (): string | undefined => {
      stage.clearHeard()
      stage.run(2000)
      return music(stage, 1)[0]?.track
    }
    stage.run(2000)
    stage.command({ command: 'next', group: stage.group })
    expect(heardNow()).to.equal('b')
    stage.command({ command: 'previous', group: stage.group })
    expect(heardNow()).to.equal('a')
    stage.run(5000)
    stage.command({ command: 'previous', group: stage.group })
    expect(heardNow()).to.equal('a')
    stage.command({ command: 'next', group: stage.group })
    stage.command({ command: 'next', group: stage.group })
    expect(heardNow()).to.equal('c')
    stage.command({ command: 'next', group: stage.group })
    expect(groupState(stage).state).to.equal('stopped')
    expect(types(stage.messages(1))).to.include('stream/end')
  })

  it('shows where it stands while it is stopped or paused, and starts there', () => {
    const stage = stageWith(['a', 20], ['b', 20])
    stage.player(1, 'kitchen')
    stage.play('a', 'b')
    stage.command({ command: 'stop', group: stage.group })
    stage.command({ command: 'next', group: stage.group })
    stage.command({ command: 'seek', group: stage.group, positionMs: 7000 })
    expect(groupState(stage)).to.include({ state: 'paused', positionMs: 7000 })
    stage.command({ command: 'play', group: stage.group })
    stage.run(2000)
    expect(music(stage, 1)[0]).to.deep.include({ track: 'b', from: 7 * second })
  })
})
