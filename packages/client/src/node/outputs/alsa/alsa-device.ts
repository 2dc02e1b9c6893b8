/** An opened ALSA playback device, set up as close to what was asked for as the hardware allows. */
import { type AlsaLibrary, alsa, type Handle } from './alsa-library.js'
import { explainRefusal } from './alsa-refusal.js'
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
  readonly name: string
  readonly pcm: Handle
  readonly format: SampleFormat
  readonly sampleRate: number
  readonly channels: number
  readonly bufferFrames: number
  /** The hardware's: how often it interrupts. */
  readonly periodFrames: number
  /** What is written at a time: at most a period, at most what was asked for, and never more than half the buffer. */
  readonly chunkFrames: number
  /** The same where nothing is gained by coming more often: twice as much, if that is no more than a third of the buffer. */
  readonly longestChunkFrames: number
}

/** Opens and prepares the device. Throws one line that names the device and the remedy. */
export function openAlsaDevice(library: AlsaLibrary, request: AlsaRequest): AlsaDevice {
  const pcm = openHandle(library, request.device)
  try {
    const device = negotiate(library, pcm, request)
    armStart(library, device)
    return device
  } catch (error) {
    library.close(pcm)
    throw error
  }
}

/** Opens the device without setting it up. Throws as `openAlsaDevice` does. */
export function openHandle(library: AlsaLibrary, device: string): Handle {
  const pcm: [Handle | null] = [null]
  const code = library.open(pcm, device, alsa.playback, alsa.nonblock)
  if (code < 0 || pcm[0] === null) throw new Error(explainRefusal(device, code, library.explain(code)))
  return pcm[0]
}

function negotiate(library: AlsaLibrary, pcm: Handle, request: AlsaRequest): AlsaDevice {
  const { hardware } = library
  const { device: name } = request
  const check = checker(library, name)
  const created: [Handle | null] = [null]
  check(hardware.create(created), 'to be set up')
  const parameters = created[0]!
  try {
    check(hardware.any(pcm, parameters), 'to be set up')
    // Our own resampler follows the drift anyway; a second one in the driver would only hide the crystal.
    hardware.setResampling(pcm, parameters, 0)
    check(hardware.setAccess(pcm, parameters, alsa.interleaved), 'interleaved samples (try --device plughw:…)')
    const format = sampleFormats.find(({ alsaFormat }) => hardware.setFormat(pcm, parameters, alsaFormat) >= 0)
    if (!format) throw new Error(`sound card "${name}" takes none of ${sampleFormats.map((f) => f.name).join(', ')}`)
    const channels: [number] = [request.channels]
    check(hardware.setChannelsNear(pcm, parameters, channels), `${request.channels} channels`)
    const rate: [number] = [request.sampleRate]
    check(hardware.setRateNear(pcm, parameters, rate, [0]), `${request.sampleRate} Hz`)
    const sampleRate = rate[0]
    const wantedFrames = Math.round((sampleRate * request.periodMs) / 1000)
    const period: [number] = [wantedFrames]
    const buffer: [number] = [Math.round((sampleRate * request.bufferMs) / 1000)]
    check(hardware.setPeriodSizeNear(pcm, parameters, period, [0]), `periods of ${request.periodMs} ms`)
    check(hardware.setBufferSizeNear(pcm, parameters, buffer), `a buffer of ${request.bufferMs} ms`)
    check(hardware.install(pcm, parameters), 'these settings together')
    // What came of it may differ from what was agreed step by step.
    hardware.bufferSize(parameters, buffer)
    hardware.periodSize(parameters, period, [0])
    const [bufferFrames] = buffer
    const [periodFrames] = period
    const chunkFrames = Math.max(1, Math.min(periodFrames, wantedFrames, Math.floor(bufferFrames / 2)))
    const longestChunkFrames = chunkFrames * 6 <= bufferFrames ? chunkFrames * 2 : chunkFrames
    const frames = { bufferFrames, periodFrames, chunkFrames, longestChunkFrames }
    return { name, pcm, format, sampleRate, channels: channels[0], ...frames }
  } finally {
    hardware.free(parameters)
  }
}

/** The device starts when told to, not when it feels full, and wakes its writer whenever a chunk fits. */
function armStart(library: AlsaLibrary, { name, pcm, bufferFrames, chunkFrames }: AlsaDevice): void {
  const { software } = library
  const check = checker(library, name)
  const created: [Handle | null] = [null]
  check(software.create(created), 'to be set up')
  const parameters = created[0]!
  try {
    check(software.current(pcm, parameters), 'to be set up')
    check(software.setStartThreshold(pcm, parameters, bufferFrames * 2), 'to be started by hand')
    check(software.setAvailMin(pcm, parameters, chunkFrames), 'to wake us')
    check(software.install(pcm, parameters), 'to be set up')
  } finally {
    software.free(parameters)
  }
}

/** Has the driver wake its writer when `frames` fit, also while it plays. A device that refuses goes on as before. */
export function wakeAtRoomFor({ software }: AlsaLibrary, { pcm }: AlsaDevice, frames: number): void {
  const created: [Handle | null] = [null]
  if (software.create(created) < 0) return
  const parameters = created[0]!
  software.current(pcm, parameters)
  software.setAvailMin(pcm, parameters, frames)
  software.install(pcm, parameters)
  software.free(parameters)
}

type Check = (code: number, what: string) => void

function checker(library: AlsaLibrary, device: string): Check {
  return (code, what) => {
    if (code < 0) throw new Error(`sound card "${device}" refuses ${what}: ${library.explain(code)}`)
  }
}
