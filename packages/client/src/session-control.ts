/** What the audio thread is told, and whether it has to be told again. */
import type { Anchor, PlayoutControl } from './control.js'
import type { SessionClock } from './session-clock.js'
import type { PlayerSettings } from './session-settings.js'
import { volumeGain } from './volume-curve.js'

export class SessionControl {
  #latest: PlayoutControl | undefined
  #settings: PlayerSettings | undefined

  /**
   * Undefined when nothing has changed; settings, clocks and anchors are compared by identity.
   * @param queueMs what the device should hold
   */
  update(
    sessionClock: Pick<SessionClock, 'model' | 'sigmaUs'> | undefined,
    anchor: Anchor | undefined,
    settings: PlayerSettings,
    queueMs: number,
  ): PlayoutControl | undefined {
    const latest = this.#latest
    const clock = sessionClock?.model
    const clockSigmaUs = sessionClock?.sigmaUs
    const isPlaced = clock === latest?.clock && anchor === latest?.anchor
    if (latest && isPlaced && settings === this.#settings && queueMs === latest.queueMs) return undefined
    this.#settings = settings
    this.#latest = {
      clock,
      ...(clockSigmaUs === undefined ? {} : { clockSigmaUs }),
      anchor,
      gain: settings.muted ? 0 : volumeGain(settings.volume),
      outputDelayUs: settings.outputDelayMs * 1000,
      channelMode: settings.channelMode,
      queueMs,
    }
    return this.#latest
  }
}
