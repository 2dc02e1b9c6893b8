/** When a device is given up: at once where it is gone, after a few seconds where it takes no sound. */
import type { LocalUs } from '@tutti/clock'
import type { AlsaDevice } from './alsa-device.js'
import { type AlsaLibrary, alsa } from './alsa-library.js'

/** How long a device may take nothing. Waking a Bluetooth speaker takes PipeWire a second or two. */
const patienceUs = 3_000_000

export class AlsaPatience {
  readonly #library: AlsaLibrary
  readonly #device: AlsaDevice
  #since: LocalUs

  /** The device has been given its chance at `at`. */
  constructor(library: AlsaLibrary, device: AlsaDevice, at: LocalUs) {
    this.#library = library
    this.#device = device
    this.#since = at
  }

  /** It has taken sound, or is given another chance. */
  renew(at: LocalUs): void {
    this.#since = at
  }

  /** It has answered with the error `code`. Throws when it is to be given up. */
  failed(code: number, at: LocalUs): void {
    const { name, pcm } = this.#device
    if (code === alsa.error.noDevice || this.#library.state(pcm) === alsa.state.disconnected)
      throw new Error(`sound card "${name}" is gone: was it unplugged?`)
    this.waited(code, at)
  }

  /** It has no room, because of `code`. Throws when it is to be given up. */
  waited(code: number, at: LocalUs): void {
    if (at - this.#since <= patienceUs) return
    const reason = this.#library.explain(code)
    throw new Error(`sound card "${this.#device.name}" has taken no sound for ${patienceUs / 1e6} s (${reason})`)
  }
}
