/** An opened ALSA playback device, set up as close to what was asked for as the hardware allows. */
import { type AlsaLibrary, alsa, type Handle } from './alsa-library.js'
import { type SampleFormat, sampleFormats } from './sample-format.js'

export interface AlsaRequest {
  /** ALSA name of the device: `default`, `hw:CARD=DAC`, `plughw:1,0`, … */
  readonly device: string
  /** Hertz wanted; the nearest the device does without converting by itself is taken. */
  readonly sampleRate: number
  readonly channels: number
  readonly bufferMs: number
  readonly periodMs: number
}

export interface AlsaDevice {
  readonly pcm: Handle
  readonly format: SampleFormat
  readonly sampleRate: number
  readonly channels: number
  readonly bufferFrames: number
  readonly periodFrames: number
}

/** Opens and prepares the device. Throws one line that names the device and the remedy. */
export function openAlsaDevice(library: AlsaLibrary, request: AlsaRequest): AlsaDevice {
  const pcm: [Handle | null] = [null]
  const code = library.open(pcm, request.device, alsa.playback, 0)
  if (code < 0 || pcm[0] === null) throw new Error(explainOpening(library, request.device, code))
  try {
    const device = negotiate(library, pcm[0], request)
    armStart(library, device)
    return device
  } catch (error) {
    library.close(pcm[0])
    throw error
  }
}

function negotiate(library: AlsaLibrary, pcm: Handle, request: AlsaRequest): AlsaDevice {
  const { hardware } = library
  const check = (code: number, what: string): void => {
    if (code < 0) throw new Error(`sound card "${request.device}" refuses ${what}: ${library.explain(code)}`)
  }
  const created: [Handle | null] = [null]
  check(hardware.create(created), 'to be set up')
  const parameters = created[0]!
  try {
    check(hardware.any(pcm, parameters), 'to be set up')
    // Our own resampler follows the drift anyway; a second one in the driver would only hide the crystal.
    hardware.setResampling(pcm, parameters, 0)
    check(hardware.setAccess(pcm, parameters, alsa.interleaved), 'interleaved access')
    const format = sampleFormats.find(({ alsaFormat }) => hardware.setFormat(pcm, parameters, alsaFormat) >= 0)
    if (!format)
      throw new Error(`sound card "${request.device}" takes none of ${sampleFormats.map((f) => f.name).join(', ')}`)
    const channels: [number] = [request.channels]
    check(hardware.setChannelsNear(pcm, parameters, channels), `${request.channels} channels`)
    const rate: [number] = [request.sampleRate]
    check(hardware.setRateNear(pcm, parameters, rate, [0]), `${request.sampleRate} Hz`)
    const period: [number] = [Math.round((rate[0] * request.periodMs) / 1000)]
    const buffer: [number] = [Math.round((rate[0] * request.bufferMs) / 1000)]
    check(hardware.setPeriodSizeNear(pcm, parameters, period, [0]), `periods of ${request.periodMs} ms`)
    check(hardware.setBufferSizeNear(pcm, parameters, buffer), `a buffer of ${request.bufferMs} ms`)
    check(hardware.install(pcm, parameters), 'the settings')
    hardware.bufferSize(parameters, buffer)
    hardware.periodSize(parameters, period, [0])
    return { pcm, format, sampleRate: rate[0], channels: channels[0], bufferFrames: buffer[0], periodFrames: period[0] }
  } finally {
    hardware.free(parameters)
  }
}

/** The device starts when told to, not when it feels full, and wakes its writer whenever a period is free. */
function armStart(library: AlsaLibrary, device: AlsaDevice): void {
  const { software } = library
  const created: [Handle | null] = [null]
  if (software.create(created) < 0 || created[0] === null) return
  software.current(device.pcm, created[0])
  software.setStartThreshold(device.pcm, created[0], device.bufferFrames * 4)
  software.setAvailMin(device.pcm, created[0], device.periodFrames)
  software.install(device.pcm, created[0])
  software.free(created[0])
}

function explainOpening(library: AlsaLibrary, device: string, code: number): string {
  const { error } = alsa
  switch (code) {
    case error.busy:
      return `sound card "${device}" is in use by another program: stop that program, or choose another with --device`
    case error.access:
      return `no permission to use sound card "${device}": add yourself to the group audio (sudo usermod -aG audio $USER) and log in again`
    case error.noEntry:
    case error.noDevice:
      return `there is no sound card "${device}": "tutti devices" lists what there is`
    default:
      return `sound card "${device}" cannot be opened: ${library.explain(code)}`
  }
}
