/**
 * A player's settings in a file of its own, written whole or not at all (atomically) and readable to its owner only. A
 * file that cannot be read costs the settings, not the music.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { describeMismatch, numberBetween, wholeBetween } from '@tutti/protocol'
import { writeFile } from 'atomically'
import * as v from 'valibot'
import { channelModes } from '../control.js'
import { longestOutputDelayMs, type PlayerSettings, settingsDefaults } from '../session-settings.js'

const remembered = v.object({
  driftPpm: numberBetween(-1_000, 1_000),
  sigmaPpm: v.pipe(v.number(), v.gtValue(0), v.maxValue(1_000)),
})
const rememberedTail = v.object({ guessUs: numberBetween(0, 10_000_000), tailUs: numberBetween(0, 10_000_000) })
/** How one device is to sound: another has another amplifier behind it, and stands elsewhere. */
const sound = v.object({
  volume: v.optional(wholeBetween(0, 100), settingsDefaults.volume),
  muted: v.optional(v.boolean(), settingsDefaults.muted),
  outputDelayMs: v.optional(numberBetween(0, longestOutputDelayMs), settingsDefaults.outputDelayMs),
  channelMode: v.optional(v.picklist(channelModes), settingsDefaults.channelMode),
})
type Sound = v.InferOutput<typeof sound>
const stored = v.object({
  ...sound.entries,
  lastServerId: v.optional(v.string()),
  drifts: v.optional(v.record(v.string(), remembered), {}),
  tails: v.optional(v.record(v.string(), rememberedTail), {}),
  devices: v.optional(v.record(v.string(), sound), {}),
})
const rememberedDevices = 16

/** Where a player's settings belong (XDG Base Directory Specification 0.8): `$XDG_CONFIG_HOME/tutti/players/<id>.json`. */
export function settingsPath(clientId: string, env: NodeJS.ProcessEnv = process.env): string {
  // Relative paths are invalid there and to be ignored.
  const home = env.XDG_CONFIG_HOME?.startsWith('/') ? env.XDG_CONFIG_HOME : join(homedir(), '.config')
  return join(home, 'tutti', 'players', `${encodeURIComponent(clientId).replaceAll('.', '%2E')}.json`)
}

export class SettingsFile {
  readonly #path: string
  readonly #onProblem: (problem: string) => void
  readonly #device: string
  /** What the file says of other devices, the latest used last. */
  #otherDevices: readonly (readonly [string, Sound])[] = []
  #wanted: PlayerSettings | undefined
  #writing: Promise<void> | undefined

  /**
   * @param device what is played on; volume, mute, delay and channel are kept for each device
   * @param onProblem told, in one line, when the file cannot be read or written
   */
  constructor(path: string, device: string, onProblem: (problem: string) => void) {
    this.#path = path
    this.#device = device
    this.#onProblem = onProblem
  }

  /** The stored settings; the defaults where there are none or they make no sense. */
  async load(): Promise<PlayerSettings> {
    try {
      const { devices, ...parsed } = v.parse(stored, JSON.parse(await readFile(this.#path, 'utf8')))
      this.#otherDevices = Object.entries(devices).filter(([device]) => device !== this.#device)
      // A device not met before starts as the last one sounded, but for the delay, which is the old one's alone.
      const device = devices[this.#device] ?? {
        ...v.parse(sound, parsed),
        outputDelayMs: settingsDefaults.outputDelayMs,
      }
      return { ...parsed, ...device, lastServerId: parsed.lastServerId }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.#onProblem(`cannot read the settings in ${this.#path} (${oneLine(error)}); starting from the defaults`)
      }
      return settingsDefaults
    }
  }

  /** Writes soon. While one write is under way only the newest settings wait for the next. */
  save(settings: PlayerSettings): void {
    this.#wanted = settings
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  /** Resolves when everything saved is on disk, or has been reported as not. */
  async flush(): Promise<void> {
    await this.#writing
  }

  #fileOf(settings: PlayerSettings): v.InferOutput<typeof stored> {
    const others = this.#otherDevices.slice(1 - rememberedDevices)
    const devices = Object.fromEntries([...others, [this.#device, v.parse(sound, settings)]])
    return {
      ...settings,
      lastServerId: settings.lastServerId,
      drifts: { ...settings.drifts },
      tails: { ...settings.tails },
      devices,
    }
  }

  async #write(): Promise<void> {
    while (this.#wanted !== undefined) {
      const settings = this.#wanted
      this.#wanted = undefined
      try {
        await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
        await writeFile(this.#path, `${JSON.stringify(this.#fileOf(settings), undefined, 2)}\n`, { mode: 0o600 })
      } catch (error) {
        this.#onProblem(
          `cannot keep the settings in ${this.#path} (${oneLine(error)}); they last until the player stops`,
        )
      }
    }
  }
}

function oneLine(error: unknown): string {
  if (v.isValiError(error)) return error.issues.map((issue) => describeMismatch(issue, '')).join('; ')
  return error instanceof Error ? error.message : String(error)
}
