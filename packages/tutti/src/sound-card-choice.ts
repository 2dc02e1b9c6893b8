/** Which sound card to play on, tried before anything else is started, so that what is wrong with it is said at once. */
import { checkSoundCard, type OutputSpec, soundCardBuffer } from '@tutti/client/node'
import { Complaint } from './complaint.js'

const standardDevice = 'default'

/** @throws Complaint, with the name and the remedy, if it cannot be opened */
export function soundCard(device: string, onProblem: (text: string) => void): OutputSpec {
  const { problem, warning } = checkSoundCard(device)
  if (problem !== undefined) throw new Complaint(problem)
  if (warning !== undefined) onProblem(warning)
  return { kind: 'alsa', device, ...soundCardBuffer }
}

/** The standard sound card; undefined where there is none that can be opened. */
export function standardSoundCard(onProblem: (text: string) => void): OutputSpec | undefined {
  return checkSoundCard(standardDevice).problem === undefined ? soundCard(standardDevice, onProblem) : undefined
}

/** The standard sound card, or in its absence one that plays to nobody. */
export function standardOutput(onProblem: (text: string) => void): OutputSpec {
  const card = standardSoundCard(onProblem)
  if (card) return card
  onProblem(`playing along to nobody: ${checkSoundCard(standardDevice).problem}`)
  return { kind: 'null' }
}
