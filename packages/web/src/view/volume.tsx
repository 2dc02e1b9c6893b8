import { IconButton } from './icon.js'
import { Slider } from './slider.js'

export interface VolumeProps {
  /** Whose: "Kitchen". */
  readonly of: string
  /** Undefined when it cannot be set. */
  readonly volume: number | undefined
  readonly muted: boolean | undefined
  readonly onVolume: (volume: number) => void
  readonly onMuted: (muted: boolean) => void
}

export function Volume({ of, volume, muted, onVolume, onMuted }: VolumeProps) {
  if (volume === undefined && muted === undefined) return null
  return (
    <div class={muted ? 'volume is-muted' : 'volume'}>
      {muted !== undefined && (
        <IconButton
          icon={muted ? 'muted' : 'loud'}
          label={muted ? `Let ${of} sound again` : `Mute ${of}`}
          pressed={muted}
          onClick={() => onMuted(!muted)}
        />
      )}
      {volume !== undefined && (
        <>
          <Slider
            label={`Volume of ${of}`}
            value={volume}
            max={100}
            say={(value) => `${value} percent`}
            onSlide={onVolume}
          />
          <output class="figure" aria-hidden="true">
            {volume}
          </output>
        </>
      )}
    </div>
  )
}
