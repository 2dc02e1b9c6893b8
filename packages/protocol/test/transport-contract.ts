/** What every transport promises. A package with a transport of its own runs this too. */
import type { LocalUs } from '@tutti/clock'
import { expect } from 'chai'
import type { Attach, Ending, Frame, Transport, TransportListener } from '../src/index.js'

/** One end of a connection and what happened there. */
export class RecordingEnd implements TransportListener {
  readonly frames: Frame[] = []
  readonly times: LocalUs[] = []
  ending: Ending | undefined
  openings = 0
  readonly #transport: Transport
  #check = (): void => {}

  constructor(transport: Transport) {
    this.#transport = transport
  }

  get transport(): Transport {
    return this.#transport
  }

  opened(): void {
    this.openings += 1
    this.#check()
  }

  received(frame: Frame, at: LocalUs): void {
    this.frames.push(typeof frame === 'string' ? frame : Uint8Array.from(frame))
    this.times.push(at)
    this.#check()
  }

  closed(ending: Ending): void {
    expect(this.ending, 'closed twice').to.equal(undefined)
    this.ending = ending
    this.#check()
  }

  /** Resolves when `condition` holds; it is looked at after every event. */
  until(condition: (end: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#check = () => {
        if (condition(this)) resolve()
      }
      this.#check()
    })
  }
}

export interface Ends {
  readonly dialler: RecordingEnd
  readonly answerer: RecordingEnd
}

export interface TransportWorld {
  /** Connects the two and resolves when both are open. */
  connect(dial: Attach, answer: Attach): Promise<void>
  readonly maxBufferedBytes: number
  readonly maxFrameBytes: number
}

export function describeTransport(name: string, open: () => Promise<TransportWorld>, close: () => Promise<void>): void {
  describe(`${name} as a transport`, () => {
    let world: TransportWorld
    let ends: Ends

    beforeEach(async () => {
      world = await open()
      let dialler: RecordingEnd | undefined
      let answerer: RecordingEnd | undefined
      await world.connect(
        (transport) => {
          dialler = new RecordingEnd(transport)
          return dialler
        },
        (transport) => {
          answerer = new RecordingEnd(transport)
          return answerer
        },
      )
      if (dialler === undefined || answerer === undefined) throw new Error('an end was not attached')
      ends = { dialler, answerer }
      await dialler.until(({ openings }) => openings === 1)
      await answerer.until(({ openings }) => openings === 1)
    })
    afterEach(() => close())

    it('delivers text and binary frames both ways, in order and unchanged', async () => {
      const sent: Frame[] = ['{"a":"ü"}', Uint8Array.of(4, 0, 255), '', new Uint8Array(70_000).fill(7), 'end']
      for (const frame of sent) expect(ends.dialler.transport.send(frame)).to.equal(true)
      for (const frame of sent) expect(ends.answerer.transport.send(frame)).to.equal(true)
      await ends.answerer.until(({ frames }) => frames.length === sent.length)
      await ends.dialler.until(({ frames }) => frames.length === sent.length)
      expect(ends.answerer.frames).to.deep.equal(sent)
      expect(ends.dialler.frames).to.deep.equal(sent)
    })

    it('stamps frames with times that never run backwards', async () => {
      for (let i = 0; i < 50; i++) ends.dialler.transport.send(`${i}`)
      await ends.answerer.until(({ frames }) => frames.length === 50)
      const { times } = ends.answerer
      for (const [i, at] of times.entries()) expect(at).to.be.at.least(times[i - 1] ?? at)
    })

    it('delivers a batch like single frames', async () => {
      ends.dialler.transport.batch(() => {
        for (let i = 0; i < 5; i++) ends.dialler.transport.send(`${i}`)
      })
      await ends.answerer.until(({ frames }) => frames.length === 5)
      expect(ends.answerer.frames).to.deep.equal(['0', '1', '2', '3', '4'])
    })

    it('refuses frames once more waits for the network than it may hold', async () => {
      const frame = new Uint8Array(Math.min(world.maxFrameBytes, world.maxBufferedBytes) / 2)
      let accepted = 0
      ends.dialler.transport.batch(() => {
        while (accepted < 1000 && ends.dialler.transport.send(frame)) accepted += 1
        expect(ends.dialler.transport.bufferedBytes).to.be.at.most(world.maxBufferedBytes + frame.length)
      })
      expect(accepted).to.be.within(1, 999)
      await ends.answerer.until(({ frames }) => frames.length === accepted)
      expect(ends.dialler.transport.send(frame), 'after the network has caught up').to.equal(true)
    })

    it('tells both ends who closed, with code and reason', async () => {
      ends.dialler.transport.close(4400, 'that is enough')
      await ends.dialler.until(({ ending }) => ending !== undefined)
      await ends.answerer.until(({ ending }) => ending !== undefined)
      expect(ends.dialler.ending).to.deep.equal({ by: 'us', code: 4400, reason: 'that is enough' })
      expect(ends.answerer.ending).to.deep.equal({ by: 'peer', code: 4400, reason: 'that is enough' })
    })

    it('delivers what was sent before a close, and nothing to the end that closed', async () => {
      ends.dialler.transport.send('last words')
      ends.answerer.transport.send('too late')
      ends.dialler.transport.close(1000, '')
      await ends.answerer.until(({ ending }) => ending !== undefined)
      await ends.dialler.until(({ ending }) => ending !== undefined)
      expect(ends.answerer.frames).to.deep.equal(['last words'])
      expect(ends.dialler.frames).to.deep.equal([])
    })

    it('takes nothing after a close, and can be closed again without harm', async () => {
      ends.dialler.transport.close(1000, 'first')
      expect(ends.dialler.transport.send('late')).to.equal(false)
      ends.dialler.transport.close(4400, 'second')
      await ends.answerer.until(({ ending }) => ending !== undefined)
      await ends.dialler.until(({ ending }) => ending !== undefined)
      expect(ends.answerer.frames).to.deep.equal([])
      expect(ends.answerer.ending?.reason).to.equal('first')
      expect(ends.answerer.transport.send('later still')).to.equal(false)
    })
  })
}
