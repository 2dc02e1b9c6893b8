import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import { pairTransports } from '../src/index.js'
import { describeTransport, RecordingEnd } from './transport-contract.js'

const stillClock = { now: () => 0 as LocalUs }

describeTransport(
  'a pair in memory',
  async () => ({
    maxBufferedBytes: 200_000,
    maxFrameBytes: 200_000,
    async connect(dial, answer) {
      pairTransports(dial, answer, {
        clocks: [stillClock, stillClock],
        later: (run) => setImmediate(run),
        maxBufferedBytes: 200_000,
      })
    },
  }),
  async () => {},
)

describe('pairTransports', () => {
  it('stamps each frame with the receiver’s own clock at the moment it is delivered', () => {
    const network: (() => void)[] = []
    let now = 0
    const ends: RecordingEnd[] = []
    const attach = (transport: RecordingEnd['transport']): RecordingEnd => {
      const end = new RecordingEnd(transport)
      ends.push(end)
      return end
    }
    pairTransports(attach, attach, {
      clocks: [{ now: () => now as LocalUs }, { now: () => (now + 1000) as LocalUs }],
      later: (run) => network.push(run),
      maxBufferedBytes: 100,
    })
    for (const run of network.splice(0)) run()
    ends[0]?.transport.send('to the right')
    ends[1]?.transport.send('to the left')
    now = 7
    for (const run of network.splice(0)) run()
    expect(ends[1]?.times).to.deep.equal([1007])
    expect(ends[0]?.times).to.deep.equal([7])
  })
})
