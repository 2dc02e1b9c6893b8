/** The network between one room and the server: a link each way through the same air. */
import { Air } from './air.js'
import { Link, type LinkTraits } from './link.js'
import type { PathTraits } from './link-presets.js'
import type { Random } from './random.js'
import type { World } from './world.js'

/** What happens to messages that arrive, and what they are. */
export interface PathEnds<Up, Down> {
  readonly atServer: (message: Up) => void
  readonly atRoom: (message: Down) => void
}

export class Path<Up, Down> {
  readonly air: Air
  readonly up: Link<Up>
  readonly down: Link<Down>

  constructor(world: World, random: Random, traits: PathTraits, ends: PathEnds<Up, Down>) {
    this.air = new Air(random.fork('air'), traits.air)
    const { maxAsymmetryUs } = traits
    const asymmetryUs = random.fork('asymmetry').between(-maxAsymmetryUs, maxAsymmetryUs)
    const up = slower(traits.up, asymmetryUs / 2)
    const down = slower(traits.down, -asymmetryUs / 2)
    this.up = new Link(world, random.fork('up'), up, 'up', this.air, ends.atServer)
    this.down = new Link(world, random.fork('down'), down, 'down', this.air, ends.atRoom)
  }
}

function slower(link: LinkTraits, byUs: number): LinkTraits {
  return { ...link, delayUs: link.delayUs + byUs }
}
