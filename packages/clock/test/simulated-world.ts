/** Two crystals, a path each way, a client that probes, and the truth to compare it with. All in virtual time. */
import { errorBoundUs, toServer } from '../src/clock-model.js'
import { ClockSync, type ClockSyncOptions } from '../src/clock-sync.js'
import type { Exchange } from '../src/exchange.js'
import type { LocalUs, ServerUs } from '../src/reading.js'
import { Crystal, type CrystalTraits } from './crystal.js'
import { Path, type PathTraits, Stalls } from './path.js'
import { SeededRandom } from './seeded-random.js'

const serverTakesUs = 20
const steady = { wanderPpm: 0.02, swingPpmPerS: 0, swingUntilS: 0 }

interface Reply {
  readonly arrivesAtUs: number
  readonly exchange: Exchange
}

export class SimulatedWorld {
  readonly sync: ClockSync
  readonly up: Path
  readonly down: Path
  readonly random: SeededRandom
  /** Added to all readings of the server's clock from now on: a restart, or a step. */
  serverStepUs = 0
  localStepUs = 0
  trueUs = 1000
  probes = 0
  /** By how much the last reply moved the model, at the moment of that reply, µs. */
  modelStepUs = 0
  readonly #local: Crystal
  readonly #server: Crystal
  readonly #replies: Reply[] = []

  constructor(
    seed: number,
    traits: PathTraits,
    options: Partial<ClockSyncOptions> = {},
    crystal: Partial<CrystalTraits> = {},
  ) {
    const random = new SeededRandom(seed)
    this.random = random
    const startUs = random.between(0, 1e12)
    this.#local = new Crystal(random.fork(1), { ...steady, startUs, ppm: random.between(-100, 100), ...crystal })
    const serverStartUs = random.between(0, 1e12)
    this.#server = new Crystal(random.fork(2), { ...steady, startUs: serverStartUs, ppm: random.between(-20, 20) })
    const stalls = new Stalls(random.fork(3), traits)
    this.up = new Path(random.fork(4), traits, stalls)
    this.down = new Path(random.fork(5), traits, stalls)
    this.sync = new ClockSync({ random: random.fork(6), ...options })
    this.sync.start(this.localNow)
  }

  /** Whole microseconds, as clocks give them. */
  get localNow(): LocalUs {
    return Math.round(this.#local.readAt(this.trueUs) + this.localStepUs) as LocalUs
  }

  /** How far the model is ahead of the server's clock now, µs. */
  get errorUs(): number {
    const local = (this.#local.readAt(this.trueUs) + this.localStepUs) as LocalUs
    return toServer(this.sync.model!, local) - (this.#server.readAt(this.trueUs) + this.serverStepUs)
  }

  /** By how much the error exceeds what the model admits, µs; readings are rounded, which is worth one. */
  get dishonestyUs(): number {
    return Math.abs(this.errorUs) - errorBoundUs(this.sync.model!, this.localNow) - 1
  }

  /** Runs to a true time; `afterReply` is called after each reply has been taken in. */
  runUntil(untilS: number, afterReply: () => void = () => {}): void {
    for (;;) {
      const dueAt = this.sync.probeDueAt!
      const probeAtUs = Math.max(this.trueUs, this.#local.trueAt(dueAt - this.localStepUs, this.trueUs))
      const replyAtUs = this.#replies[0]?.arrivesAtUs ?? Number.POSITIVE_INFINITY
      const nextUs = Math.min(probeAtUs, replyAtUs)
      if (nextUs > untilS * 1e6) break
      this.trueUs = nextUs
      if (replyAtUs <= probeAtUs) {
        const before = this.sync.model
        this.sync.replyReceived({ ...this.#replies.shift()!.exchange, replyReceivedAt: this.localNow })
        const { model } = this.sync
        this.modelStepUs = before && model ? toServer(model, this.localNow) - toServer(before, this.localNow) : 0
        afterReply()
      } else this.#probe()
    }
    this.trueUs = untilS * 1e6
  }

  /** Time passes for the world, not for the client: nothing is sent, what was under way is lost. */
  sleepUntil(untilS: number): void {
    this.#replies.length = 0
    this.trueUs = untilS * 1e6
  }

  #probe(): void {
    const requestSentAt = this.localNow
    this.sync.probeSent(requestSentAt)
    this.probes++
    const receivedUs = this.up.arrivalOf(this.trueUs)
    const repliedUs = receivedUs + serverTakesUs
    this.#replies.push({
      arrivesAtUs: this.down.arrivalOf(repliedUs),
      exchange: {
        requestSentAt,
        requestReceivedAt: Math.round(this.#server.readAt(receivedUs) + this.serverStepUs) as ServerUs,
        replySentAt: Math.round(this.#server.readAt(repliedUs) + this.serverStepUs) as ServerUs,
        replyReceivedAt: requestSentAt,
      },
    })
  }
}
