/** A stage with tracks, and what is heard of them. */
import { runsOf, Stage } from './stage.js'

export const second = 48_000

export function stageWith(...tracks: readonly (readonly [string, number])[]): Stage {
  const stage = new Stage()
  for (const [location, seconds] of tracks) stage.tracks.set(location, { frames: Math.round(seconds * second) })
  return stage
}

/** What a player hears, without the look-ahead of its codec and in whole runs. */
export function music(stage: Stage, connection: number) {
  return runsOf(stage.audio(connection)).filter((run) => run.track !== 'lookahead')
}

export function groupState(stage: Stage) {
  return stage.coordinator.snapshot(stage.now).groups[0]!
}

/** Where on the server's clock frame 0 of the run's track would be: the same for everyone who hears the run in step. */
export function originOf(run: { readonly startsAt: number; readonly from: number }): number {
  return run.startsAt - (run.from * 1e6) / second
}
