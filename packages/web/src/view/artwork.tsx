/** A track's picture, or where it has none, a pattern of its own. */
import { useState } from 'preact/hooks'
import type { EntryStatus } from '../contract.js'
import { hueOf } from '../hue.js'

export function Artwork({ entry }: { readonly entry: EntryStatus | undefined }) {
  const [missing, setMissing] = useState<string | undefined>(undefined)
  const [loaded, setLoaded] = useState<string | undefined>(undefined)
  if (entry === undefined) return <div class="artwork is-empty" aria-hidden="true" />
  const hue = hueOf(entry.tags?.album ?? entry.title)
  return (
    <div class={`artwork ${loaded === entry.id ? 'is-picture' : ''}`} style={{ '--hue': hue }}>
      {loaded !== entry.id && (
        <svg viewBox="0 0 100 100" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
          {rings.map((r, i) => (
            <circle key={r} cx={14 + (hue % 72)} cy={96} r={r} style={{ '--ring': i }} />
          ))}
        </svg>
      )}
      {missing !== entry.id && (
        <img
          key={entry.id}
          src={`api/artwork/${encodeURIComponent(entry.id)}`}
          alt=""
          onLoad={() => setLoaded(entry.id)}
          onError={() => setMissing(entry.id)}
        />
      )}
    </div>
  )
}

const rings = [118, 96, 76, 58, 42, 28, 16]
