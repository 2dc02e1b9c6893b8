/** What the server tells its operator, as lines. */
import type { ServerEvent } from '@tutti/server'

type Describe = {
  readonly [Type in ServerEvent['type']]?: (event: Extract<ServerEvent, { readonly type: Type }>) => string
}

/** Events without an entry are no news to a person. */
const describe: Describe = {
  clientJoined: ({ name }) => `${name} joined`,
  clientLeft: ({ name, reason }) => `${name} left (${reason})`,
  trackStarted: ({ location }) => `playing ${location}`,
  trackSkipped: ({ reason }) => `skipped ${reason}`,
  trackBroken: ({ reason }) => `broke off ${reason}`,
  nothingPlayable: () => 'nothing in the queue can be played; add other tracks',
  playbackEnded: () => 'the queue is played',
  playbackAbandoned: () => 'nobody is listening; playback waits for a room',
  sourceLate: () => 'the source does not keep up; the rooms are silent until it does',
  playerFellBehind: ({ name, chunks }) => `the network of ${name} is too slow; ${chunks} chunks were left out`,
  playerShortOfLead: ({ name, missingMs }) =>
    `${name} needs live music ${missingMs} ms further ahead; that comes little by little, or at once after a pause`,
  noCommonFormat: ({ name }) => `${name} plays none of Opus, FLAC and PCM as this server makes them`,
  encoderFailed: ({ format, reason }) => `the ${format.codec} encoder failed: ${reason}`,
}

/** Undefined when the event is no news. */
export function describeEvent(event: ServerEvent): string | undefined {
  const write = describe[event.type] as ((event: ServerEvent) => string) | undefined
  return write?.(event)
}
