import { useEffect } from 'preact/hooks'
import { house } from '../browser/home.js'
import type { Notice } from '../house.js'
import { IconButton } from './icon.js'

const shownForMs = 9_000

export function Notices() {
  const isLost = house.link.value === 'lost' && house.status.value !== undefined
  return (
    <div class="notices" role="status" aria-live="polite">
      {isLost && <p class="notice is-lost">No connection to the music server. Trying again…</p>}
      {house.notices.value.map((notice) => (
        <NoticeLine key={notice.id} notice={notice} />
      ))}
    </div>
  )
}

function NoticeLine({ notice }: { readonly notice: Notice }) {
  useEffect(() => {
    const timer = setTimeout(() => house.dismiss(notice.id), shownForMs)
    return () => clearTimeout(timer)
  }, [notice.id])
  return (
    <p class="notice">
      <span>{notice.text}</span>
      <IconButton icon="close" label="Dismiss" onClick={() => house.dismiss(notice.id)} />
    </p>
  )
}
