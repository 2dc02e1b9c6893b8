/** The sound cards of a Linux machine, for people to choose from: what each is called and what it can do. */
import type { Clock, LocalUs } from '@tutti/clock'
import { openHandle } from './alsa-device.js'
import { type AlsaLibrary, type Handle, type ListedDevice, loadAlsa } from './alsa-library.js'
import { AlsaOutput } from './alsa-output.js'
import { sampleFormats } from './sample-format.js'

export interface SoundCard {
  /** What ALSA calls it, and `tutti join --device` takes. */
  readonly name: string
  /** One line for people. */
  readonly description: string
  /** Undefined where it cannot be opened. */
  readonly abilities: SoundCardAbilities | undefined
  /** Why not, in one line that says what to do. */
  readonly problem: string | undefined
  /** Why it is a bad choice though it works, in one line that says what is better. */
  readonly warning: string | undefined
}

export interface SoundCardAbilities {
  /** Those of the usual rates it plays without converting, Hz. */
  readonly sampleRates: readonly number[]
  readonly channels: readonly [least: number, most: number]
  /** Names of the sample formats it takes. */
  readonly formats: readonly string[]
  /** What it is opened with. */
  readonly format: string
  readonly bufferMs: number
  readonly periodMs: number
  /** From writing a frame into a full buffer to hearing it, as the driver says. */
  readonly delayMs: number
}

/** How sound cards are opened unless told otherwise: six periods, so that two can be written at a time (`AlsaDevice`). */
export const soundCardBuffer = { bufferMs: 120, periodMs: 20 } as const
const usualRates = [44_100, 48_000, 88_200, 96_000, 176_400, 192_000]
/** Converters and effects that ALSA's own configuration names, and ways to devices that are listed by themselves. */
const noCards = /^(?:null|lavrate|samplerate|speexrate|speex|upmix|vdownmix|oss|jack|usbstream|sysdefault)(?::|$)/

/** Whether a card can be opened just now; a line that says what to do where not, or what would be better. */
export function checkSoundCard(name: string): Pick<SoundCard, 'problem' | 'warning'> {
  try {
    const library = loadAlsa()
    const pcm = openHandle(library, name)
    const warning = warningOf(name, library.describe(pcm))
    library.close(pcm)
    return { problem: undefined, warning }
  } catch (error) {
    return { problem: (error as Error).message, warning: undefined }
  }
}

/**
 * Opens every card in turn and plays a moment of silence on it. @throws Error in one line where there is no ALSA
 */
export async function listSoundCards(clock: Clock<LocalUs>): Promise<readonly SoundCard[]> {
  const library = loadAlsa()
  const cards: SoundCard[] = []
  for (const listed of chooseCards(library.listDevices())) cards.push(await examine(library, listed, clock))
  // Without a card of its own `default` is but a name.
  return cards.filter(({ name, problem }, _, { length }) => name !== 'default' || length > 1 || problem === undefined)
}

/** The default first, whether listed or not; then cards by themselves, without the many ways ALSA wraps them. */
export function chooseCards(listed: readonly ListedDevice[]): readonly ListedDevice[] {
  const isCard = ({ name, plays }: ListedDevice): boolean =>
    plays && (name.startsWith('hw:') || (!name.includes(':') && !noCards.test(name)))
  const found = listed.filter(isCard)
  const standard = found.find(({ name }) => name === 'default')
  return [
    standard ?? { name: 'default', description: 'the standard sound card', plays: true },
    ...found.filter((card) => card !== standard),
  ]
}

async function examine(library: AlsaLibrary, { name, description }: ListedDevice, clock: Clock<LocalUs>) {
  const card = { name, description: description.replaceAll(/\s*\n\s*/g, ', ') }
  try {
    const pcm = openHandle(library, name)
    const warning = warningOf(name, library.describe(pcm))
    const ranges = readRanges(library, pcm)
    library.close(pcm)
    const abilities = { ...ranges, ...(await playSilence(library, name, clock)) }
    return { ...card, abilities, problem: undefined, warning }
  } catch (error) {
    return { ...card, abilities: undefined, problem: (error as Error).message, warning: undefined }
  }
}

function readRanges(library: AlsaLibrary, pcm: Handle) {
  const { hardware } = library
  const created: [Handle | null] = [null]
  hardware.create(created)
  const parameters = created[0]!
  /** Everything the device does, but for conversions. */
  const reset = (): void => {
    hardware.any(pcm, parameters)
    hardware.setResampling(pcm, parameters, 0)
  }
  reset()
  const channels = hardware.channelRange(parameters)
  const takes = (format: number): boolean => {
    reset()
    return hardware.setFormat(pcm, parameters, format) >= 0
  }
  const plays = (rate: number): boolean => {
    reset()
    const near: [number] = [rate]
    return hardware.setRateNear(pcm, parameters, near, [0]) >= 0 && near[0] === rate
  }
  const formats = sampleFormats.filter(({ alsaFormat }) => takes(alsaFormat)).map(({ name }) => name)
  const sampleRates = usualRates.filter(plays)
  hardware.free(parameters)
  return { sampleRates, channels, formats }
}

async function playSilence(library: AlsaLibrary, device: string, clock: Clock<LocalUs>) {
  const output = new AlsaOutput({ device, sampleRate: 48_000, channels: 2, ...soundCardBuffer }, clock, library)
  const { sampleRate, bufferFrames, periodFrames, chunkFrames, format } = output.device
  const toMs = 1000 / sampleRate
  try {
    const aheadUs = await new Promise<number>((resolve, reject) => {
      output.start((period, channels) => {
        for (const samples of channels) samples.fill(0)
        resolve(period.heardAt - clock.now())
      }, reject)
    })
    // It was asked as soon as a chunk was free.
    const delayMs = aheadUs / 1000 + chunkFrames * toMs
    return { format: format.name, bufferMs: bufferFrames * toMs, periodMs: periodFrames * toMs, delayMs }
  } finally {
    await output.stop()
  }
}

export function warningOf(name: string, description: string): string | undefined {
  if (!description.includes('PulseAudio')) return undefined
  return `"${name}" goes through ALSA's pulse plugin, which misreports its delay by up to 150 ms: choose a card with --device hw:… ("tutti devices"), or install pipewire-alsa in its place`
}
