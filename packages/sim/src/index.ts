export { type CardPreset, cardPresets } from './card-presets.js'
export {
  type ClockKeeper,
  type ComparisonRow,
  type ComparisonSettings,
  type Contender,
  compareClocks,
} from './comparison.js'
export { contenders } from './contenders.js'
export type { Percentiles } from './distribution.js'
export { drawComparison, drawSpread } from './figures.js'
export { House, simulate } from './house.js'
export { type LinkPreset, linkPresets } from './link-presets.js'
export type { Report, RoomError } from './report.js'
export { defaultScenario, type Fault, type Scenario } from './scenario.js'
