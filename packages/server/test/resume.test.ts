/** A player that was being played to and connects again: over what, with how much of a gap, and what the others hear of it. */
import { expect } from 'chai'
import { runsOf, Stage } from './stage.js'

const timing = (required_lead_time_ms: number) => ({ state: { required_lead_time_ms, min_buffer_ms: 800 } })
const house = (isLive: boolean): Stage => {
  const stage = new Stage()
  stage.tracks.set('music', { frames: Infinity, ...(isLive ? { paceMs: 5 } : {}) })
  stage.player(1, 'kitchen', timing(400))
  stage.player(2, 'attic', timing(400))
  stage.command({ command: 'addTracks', group: stage.group, tracks: [{ location: 'music', live: isLive }] })
  stage.command({ command: 'play', group: stage.group })
  stage.run(10_000)
  return stage
}
/** Of the first packet since the last `clearHeard`: how long before its time it was sent, in ms. */
const leadMs = (stage: Stage, connection: number): number => {
  const first = stage.heard.find((heard) => heard.connection === connection && heard.audio !== undefined)!
  return (first.audio!.timestamp - first.at) / 1000
}

for (const isLive of [true, false]) {
  describe(`A player of ${isLive ? 'live' : 'stored'} music that connects again`, () => {
    it('is given what can still be in time, not only what is a whole buffer ahead', () => {
      const stage = house(isLive)
      stage.clearHeard()
      stage.player(3, 'kitchen', timing(100))
      stage.run(1_000)
      expect(stage.closes.map(({ connection, closeCode }) => [connection, closeCode])).to.deep.equal([[1, 4409]])
      expect(leadMs(stage, 3)).to.be.within(100, 130)
      expect(stage.heard.filter(({ connection }) => connection === 1)).to.deep.equal([])
    })

    it('is given it also where its connection was lost before', () => {
      const stage = house(isLive)
      stage.input({ type: 'disconnected', connection: 1 })
      stage.run(700)
      stage.clearHeard()
      stage.player(3, 'kitchen', timing(400))
      stage.run(1_000)
      expect(leadMs(stage, 3)).to.be.within(400, 430)
    })

    it('is given less than one that just joins: that begins half a buffer ahead, and has all of it by then', () => {
      const stage = house(isLive)
      stage.player(4, 'cellar', timing(100))
      stage.clearHeard()
      stage.run(400)
      expect(leadMs(stage, 4)).to.be.within(400, 430)
      const sentUntil = Math.max(...stage.audio(4).map(({ timestamp }) => timestamp))
      expect((sentUntil - stage.nowUs) / 1000).to.be.at.least(700)
    })

    it('is not heard by the others', () => {
      const [with_, without] = [true, false].map((returns) => {
        const stage = house(isLive)
        if (returns) stage.player(3, 'kitchen', timing(100))
        stage.run(5_000)
        return stage.audio(2).flatMap((chunk) => runsOf([chunk]))
      })
      const length = Math.min(with_!.length, without!.length)
      expect(length).to.be.above(700)
      expect(with_!.slice(0, length)).to.deep.equal(without!.slice(0, length))
    })
  })
}
