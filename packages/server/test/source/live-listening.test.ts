import type { ServerUs } from '@tutti/clock'
import { expect } from 'chai'
import { LiveListening } from '../../src/node/source/live-listening.js'
import { SourceProblem } from '../../src/node/source/source-problem.js'
import type { Pcm } from '../../src/node/source/stream-decoder.js'

const second: Pcm = { channels: [new Float32Array(8000), new Float32Array(8000)], sampleRate: 8000 }

/** What attempt number `n` gives, a piece a second, before it ends or throws what it gives last. */
type Attempts = (n: number) => readonly (Pcm | Error)[]

/** Listens, in a time that only passes while something is waited for, until it is over. */
async function listenTo(attempts: Attempts, isOverAtEnd = false) {
  let [nowS, made] = [0, 0]
  const heardS: number[] = []
  const pausesS: number[] = []
  const problems: string[] = []
  const failures: (string | undefined)[] = []
  const abort = new AbortController()
  const source = {
    location: 'radio',
    sampleRate: 8000,
    channels: 2,
    isOverAtEnd,
    onProblem: (problem: string) => void problems.push(problem),
    async *listen(): AsyncGenerator<Pcm> {
      for (const piece of attempts(made++)) {
        nowS++
        if (piece instanceof Error) throw piece
        yield piece
      }
    },
  }
  const sleep = async (us: number): Promise<void> => {
    pausesS.push(us / 1e6)
    nowS += us / 1e6
    if (pausesS.length > 20) abort.abort()
  }
  const clock = { now: () => (nowS * 1e6) as ServerUs }
  const listening = new LiveListening(
    source,
    clock,
    { sleep },
    {
      take: async (_, at) => void heardS.push(at / 1e6),
      completed: (failure) => void failures.push(failure?.message),
    },
  )
  await listening.run(abort.signal)
  return { heardS, pausesS, problems, failures, lastS: listening.lastAt / 1e6 }
}

describe('LiveListening', () => {
  it('hands on what comes, and when', async () => {
    const { heardS, failures, lastS, problems } = await listenTo(() => [second, second], true)
    expect(heardS).to.deep.equal([1, 2])
    expect(lastS).to.equal(2)
    expect(failures).to.deep.equal([undefined])
    expect(problems).to.deep.equal([])
  })

  it('says what is wrong with a source that is over once it has broken off', async () => {
    const { failures } = await listenTo(() => [second, new SourceProblem('radio', 'is no more.')], true)
    expect(failures).to.deep.equal(['radio: is no more.'])
    expect((await listenTo(() => [new Error('EPIPE\nat …')], true)).failures).to.deep.equal([
      'radio: breaks off (EPIPE).',
    ])
  })

  it('listens again after longer and longer pauses, and gives up after eight', async () => {
    const { pausesS, problems, failures } = await listenTo(() => [])
    expect(pausesS).to.deep.equal([0.5, 1, 2, 4, 8, 16, 30, 30])
    expect(problems).to.deep.equal(['radio: ended. Waiting for it to come back.'])
    expect(failures).to.deep.equal(['radio: ends again and again.'])
  })

  it('never gives up what was heard for more than ten seconds each time', async () => {
    const { pausesS, failures } = await listenTo(() => Array(11).fill(second))
    expect(pausesS).to.deep.equal(Array(21).fill(0.5))
    expect(failures).to.deep.equal([])
  })

  it('takes nothing that is not what was promised', async () => {
    for (const [change, said] of [
      [{ ...second, sampleRate: 44_100 }, '8000 Hz, 2 channels to 44100 Hz, 2 channels'],
      [{ ...second, channels: [new Float32Array(8000)] }, '8000 Hz, 2 channels to 8000 Hz, 1 channels'],
    ] as const) {
      const { heardS, failures } = await listenTo(() => [second, change], true)
      expect(heardS).to.deep.equal([1])
      expect(failures).to.deep.equal([`radio: changes from ${said}; add it again.`])
    }
  })
})
