/** `tutti devices`: the sound cards of this machine, and how good one is. */
import { checkSoundCard, LocalClock, listSoundCards, type SoundCard } from '@tutti/client/node'
import { Command } from 'commander'
import { Complaint } from '../complaint.js'
import { wholeNumber } from '../option-values.js'
import { formatPpm } from '../quantity.js'
import { playToneTest, type ToneTest } from '../tone-test.js'

/** Crystals are within ±100 ppm, cheap ones within ±200. */
const believablePpm = 1_000

interface Options {
  readonly test?: string | true
  readonly seconds: number
  readonly json?: boolean
}

export function devicesCommand(): Command {
  return new Command('devices')
    .description('List the sound cards of this machine, or test one')
    .option('--test [name]', 'play a test tone on a card, the default one unless named, and measure it')
    .option('--seconds <n>', 'for how long', wholeNumber(2, 3600), 10)
    .option('--json', 'print one JSON object instead of text')
    .addHelpText(
      'after',
      `
Every card is opened and played a moment of silence. "delay" is how long after
it was written into a full buffer a sample is heard, as the driver says; what an
amplifier or a Bluetooth speaker adds, no driver knows (tutti join --delay-ms).

Examples:
  $ tutti devices
  $ tutti devices --test                       then: tutti join
  $ tutti devices --test hw:CARD=DAC,DEV=0     then: tutti join --device hw:CARD=DAC,DEV=0`,
    )
    .action(run)
}

async function run({ test, seconds, json }: Options): Promise<void> {
  const print = (what: object, text: string): void => {
    process.stdout.write(json ? `${JSON.stringify(what)}\n` : text)
  }
  if (test === undefined) {
    const cards = await listSoundCards(new LocalClock()).catch((error: Error) => {
      throw new Complaint(error.message)
    })
    print({ devices: cards }, describeCards(cards))
    return
  }
  const device = test === true ? 'default' : test
  const { problem, warning } = checkSoundCard(device)
  if (problem) throw new Complaint(problem)
  if (warning) process.stderr.write(`tutti: ${warning}\n`)
  if (!json) process.stdout.write(`${device}: ${seconds} s of a quiet tone, left and right in turns\n`)
  const result = await playToneTest(device, seconds)
  print(result, describeTest(result))
}

function describeCards(cards: readonly SoundCard[]): string {
  if (cards.length === 0) {
    return 'No sound card was found. If there is one: is it plugged in, and are you in the group audio (sudo usermod -aG audio $USER)?\n'
  }
  return cards.map(describeCard).join('\n')
}

function describeCard({ name, description, abilities, problem, warning }: SoundCard): string {
  const lines = [name]
  if (description) lines.push(`  ${description}`)
  if (abilities) {
    const { sampleRates, channels, formats, format, bufferMs, periodMs, delayMs } = abilities
    const [least, most] = channels
    lines.push(
      `  rates     ${sampleRates.length > 0 ? `${sampleRates.map((rate) => rate / 1000).join(', ')} kHz` : 'none of the usual'}`,
      `  channels  ${least === most ? most : most > 64 ? `${least} or more` : `${least} to ${most}`}`,
      `  formats   ${formats.join(', ')}; opened with ${format}`,
      `  buffer    ${bufferMs.toFixed(0)} ms in periods of ${periodMs.toFixed(1)} ms`,
      `  delay     ${delayMs.toFixed(1)} ms`,
    )
  }
  if (warning) lines.push(`  beware    ${warning}`)
  if (problem) lines.push(`  unusable  ${problem}`)
  return `${lines.join('\n')}\n`
}

function describeTest({ sampleRate, channels, underruns, crystal, isRealTime }: ToneTest): string {
  return [
    `  played at  ${sampleRate} Hz, ${channels === 1 ? 'one channel' : `${channels} channels`}`,
    `  underruns  ${underruns}`,
    `  crystal    ${describeCrystal(crystal, underruns)}`,
    `  priority   ${isRealTime ? 'real-time' : 'ordinary: real-time was not permitted (docs/outputs.md)'}`,
    '',
  ].join('\n')
}

function describeCrystal(crystal: ToneTest['crystal'], underruns: number): string {
  if (!crystal) {
    return underruns > 0 ? 'unknown: no second passed without an underrun' : 'none: the device takes everything at once'
  }
  const { ppm, uncertaintyPpm } = crystal
  if (Math.max(Math.abs(ppm), uncertaintyPpm) > believablePpm) {
    return `unknown: what the card says of its delay does not fit any crystal (${formatPpm(ppm)} ± ${uncertaintyPpm.toFixed(0)}); rooms on it will not be in step`
  }
  return `${formatPpm(ppm)} ± ${uncertaintyPpm.toFixed(uncertaintyPpm < 0.1 ? 2 : 1)} against this computer's clock (95 %)`
}
