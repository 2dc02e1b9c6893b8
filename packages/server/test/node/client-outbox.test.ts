import type { LocalUs, ServerUs } from '@tutti/clock'
import type { AudioChunk, Connection, ServerMessage, WireItem } from '@tutti/protocol'
import { expect } from 'chai'
import { ClientOutbox } from '../../src/node/client-outbox.js'

/** A connection whose socket empties only when told to. */
class Desk {
  nowUs = 1_000_000
  readonly sent: WireItem<ServerMessage>[] = []
  readonly congestion: boolean[] = []
  bufferedBytes = 0
  takes = true
  refused: string | undefined
  closed: number | undefined
  /** At once, unless a test says otherwise. */
  takeTurn: (task: () => void) => void = (task) => task()
  readonly outbox: ClientOutbox
  readonly #timers: { at: number; run: () => void }[] = []

  constructor() {
    const connection = {
      send: (item: WireItem<ServerMessage>) => {
        if (!this.takes) return false
        this.sent.push(item)
        if (item.kind === 'audio') this.bufferedBytes += item.chunk.payload.length
        return true
      },
      refuse: (code: string) => {
        this.refused = code
      },
      transport: {
        get bufferedBytes() {
          return self.bufferedBytes
        },
        batch: (run: () => void) => run(),
        send: () => true,
        close: (code: number) => {
          this.closed = code
        },
      },
    } as unknown as Connection<ServerMessage>
    const self = this
    const time = {
      clock: { now: () => this.nowUs as ServerUs },
      timers: {
        wakeAt: (at: LocalUs | ServerUs, run: () => void) => {
          const timer = { at, run }
          this.#timers.push(timer)
          return () => this.#timers.splice(this.#timers.indexOf(timer), 1)
        },
      },
      turns: { take: (task: () => void) => this.takeTurn(task) },
    }
    this.outbox = new ClientOutbox(connection, time, (isCongested) => this.congestion.push(isCongested))
  }

  /** Lets time pass; the socket gets rid of `bytesPerMs`. */
  pass(ms: number, bytesPerMs: number): void {
    for (let i = 0; i < ms; i++) {
      this.nowUs += 1000
      this.bufferedBytes = Math.max(this.bufferedBytes - bytesPerMs, 0)
      for (const timer of [...this.#timers]) {
        if (timer.at > this.nowUs) continue
        this.#timers.splice(this.#timers.indexOf(timer), 1)
        timer.run()
      }
    }
  }

  audio(count: number, bytes: number, aheadUs = 10_000_000): readonly AudioChunk[] {
    return Array.from({ length: count }, (_, i) => ({
      timestamp: (this.nowUs + aheadUs + i * 20_000) as ServerUs,
      payload: new Uint8Array(bytes),
    }))
  }

  get kinds(): readonly string[] {
    return this.sent.map((item) => (item.kind === 'message' ? item.message.type : item.kind))
  }
}

describe('ClientOutbox', () => {
  it('lets a clock reply past the audio that waits, stamped as it goes', () => {
    const desk = new Desk()
    desk.outbox.sendAudio(desk.audio(100, 4800))
    const handed = desk.sent.length
    expect(handed).to.be.below(15)
    desk.pass(3, 0)
    desk.outbox.sendTime(42, 7 as ServerUs)
    expect(desk.sent.at(-1)).to.deep.equal({
      kind: 'message',
      message: {
        type: 'server/time',
        payload: { client_transmitted: 42, server_received: 7, server_transmitted: desk.nowUs },
      },
    })
    desk.pass(2000, 1000)
    expect(desk.sent.length).to.equal(101)
  })

  it('keeps a change of format between the audio it parts, and lets other messages pass', () => {
    const desk = new Desk()
    desk.outbox.sendAudio(desk.audio(50, 4800))
    desk.outbox.send({ type: 'stream/start', payload: { player: { codec: 'pcm', sample_rate: 48_000, channels: 2 } } })
    desk.outbox.send({ type: 'group/update', payload: { group_name: 'x' } })
    desk.outbox.sendAudio(desk.audio(1, 10))
    desk.pass(1000, 1000)
    expect(desk.kinds.indexOf('group/update')).to.be.below(15)
    expect(desk.kinds.indexOf('stream/start')).to.equal(51)
    expect(desk.kinds.at(-1)).to.equal('audio')
  })

  it('forgets waiting audio when it is void', () => {
    const desk = new Desk()
    desk.outbox.sendAudio(desk.audio(100, 4800))
    const handed = desk.sent.length
    desk.outbox.dropAudio()
    desk.pass(1000, 1000)
    expect(desk.sent.length).to.equal(handed)
  })

  it('reports congestion in a turn of its own, and relief once most of it has gone', async () => {
    const desk = new Desk()
    desk.outbox.sendAudio(desk.audio(200, 4800))
    expect(desk.congestion).to.deep.equal([])
    await Promise.resolve()
    expect(desk.congestion).to.deep.equal([true])
    desk.pass(2000, 1000)
    await Promise.resolve()
    expect(desk.congestion).to.deep.equal([true, false])
  })

  it('does not send what would be late by now', () => {
    const desk = new Desk()
    desk.outbox.sendAudio(desk.audio(100, 4800, 100_000))
    const handed = desk.sent.length
    desk.pass(15_000, 0)
    desk.pass(100, 100_000)
    expect(desk.sent.length).to.equal(handed)
  })

  it('sends audio in its turn, and only once however much comes before that', () => {
    const desk = new Desk()
    const turns: (() => void)[] = []
    desk.takeTurn = (task) => turns.push(task)
    desk.outbox.sendAudio(desk.audio(2, 10))
    desk.outbox.sendAudio(desk.audio(3, 10))
    desk.outbox.send({ type: 'stream/clear', payload: {} })
    expect(desk.sent).to.deep.equal([])
    expect(turns).to.have.length(1)
    turns[0]!()
    expect(desk.kinds).to.deep.equal([...Array(5).fill('audio'), 'stream/clear'])
  })

  it('has nothing to send in its turn when the audio has become void meanwhile', () => {
    const desk = new Desk()
    const turns: (() => void)[] = []
    desk.takeTurn = (task) => turns.push(task)
    desk.outbox.sendAudio(desk.audio(2, 10))
    desk.outbox.dropAudio()
    turns[0]!()
    expect(desk.sent).to.deep.equal([])
  })

  it('gives up on a peer that takes nothing for long, or does not even take messages', () => {
    const stuck = new Desk()
    stuck.outbox.sendAudio(stuck.audio(100, 4800, 100_000_000))
    stuck.pass(19_000, 0)
    expect(stuck.refused).to.equal(undefined)
    stuck.pass(2000, 0)
    expect(stuck.refused).to.equal('slow-reader')
    const full = new Desk()
    full.takes = false
    full.outbox.send({ type: 'group/update', payload: {} })
    expect(full.refused).to.equal('slow-reader')
  })

  it('closes with the code it is given', () => {
    const desk = new Desk()
    desk.outbox.close(1001, 'bye')
    expect(desk.closed).to.equal(1001)
  })
})
