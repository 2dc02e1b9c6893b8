/** A straight-line map from the local clock to the server's, with how wrong it may be: five numbers, easily shared. */
import type { LocalUs, ServerUs } from './reading.js'

export interface ClockModel {
  /** The pair of readings the line goes through. */
  readonly localAt: LocalUs
  readonly serverAt: ServerUs
  /** How much faster the server's clock runs than ours, in parts per million. */
  readonly driftPpm: number
  /** Half-width, at `localAt`, of the interval that contains the true offset unless the network lied about time, in µs. */
  readonly errorBoundUs: number
  /** How fast the bound widens away from `localAt`, in parts per million. */
  readonly errorGrowthPpm: number
}

export function toServer(model: ClockModel, local: LocalUs): ServerUs {
  return (model.serverAt + (local - model.localAt) * (1 + model.driftPpm * 1e-6)) as ServerUs
}

export function toLocal(model: ClockModel, server: ServerUs): LocalUs {
  return (model.localAt + (server - model.serverAt) / (1 + model.driftPpm * 1e-6)) as LocalUs
}

/** How wrong `toServer(model, local)` may be, in microseconds either way. */
export function errorBoundUs(model: ClockModel, local: LocalUs): number {
  return model.errorBoundUs + Math.abs(local - model.localAt) * model.errorGrowthPpm * 1e-6
}
