/** Why a sound card cannot be opened, in one line that names it and says what to do. */
import { accessSync, constants, readdirSync } from 'node:fs'
import { alsa } from './alsa-library.js'

const { error } = alsa
const join = 'sudo usermod -aG audio $USER'
const list = '"tutti devices" lists what there is'

/**
 * @param code what ALSA returned
 * @param reason ALSA's own words for it
 * @param locked whether there are sound cards this user may not touch; ALSA then says there are none
 */
export function explainRefusal(device: string, code: number, reason: string, locked = hasLockedCards()): string {
  switch (code) {
    case error.busy:
      return `sound card "${device}" is in use by another program: stop that program, or choose another with --device`
    case error.access:
    case error.notPermitted:
      return noPermission(device)
    case error.noEntry:
    case error.noAddress:
    case error.noDevice:
      return locked ? noPermission(device) : `there is no sound card "${device}": ${list}`
    case error.refused:
    case error.hostDown:
      return `sound card "${device}" belongs to a sound server (PipeWire or PulseAudio) that is not running for this user: start it, or choose a card of its own with --device hw:…; ${list}`
    default:
      return `sound card "${device}" cannot be opened (${reason}): ${list}`
  }
}

function noPermission(device: string): string {
  return `no permission to use sound card "${device}": add yourself to the group audio (${join}) and log in again`
}

function hasLockedCards(): boolean {
  try {
    const controls = readdirSync('/dev/snd').filter((name) => name.startsWith('controlC'))
    return controls.length > 0 && !controls.some((name) => isOpen(`/dev/snd/${name}`))
  } catch {
    return false // no such folder: no cards at all
  }
}

function isOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}
