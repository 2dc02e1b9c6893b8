import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { getJson } from '../browser/api-link.js'
import { house } from '../browser/home.js'
import type { GroupStatus, LibraryEntry, LibraryFolder } from '../contract.js'
import { Choice } from './choice.js'
import { Dialog } from './dialog.js'
import { Icon, IconButton } from './icon.js'

export const adding = signal(false)

type Source = 'library' | 'address'

const sources = [
  { id: 'library', name: 'Files' },
  { id: 'address', name: 'Radio or address' },
] as const

export function AddMusic({ group }: { readonly group: GroupStatus }) {
  const [source, setSource] = useState<Source>('library')
  return (
    <Dialog title={`Add to ${group.name}`} onClose={() => (adding.value = false)}>
      <Choice label="From where" chosen={source} options={sources} onChoose={setSource} />
      {source === 'library' ? <Library group={group} /> : <Address group={group} />}
    </Dialog>
  )
}

function Library({ group }: { readonly group: GroupStatus }) {
  const [path, setPath] = useState<string | undefined>(undefined)
  const [folder, setFolder] = useState<LibraryFolder | undefined>(undefined)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [added, setAdded] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => {
    let isCurrent = true
    setProblem(undefined)
    getJson<LibraryFolder>(`api/library${path === undefined ? '' : `?folder=${encodeURIComponent(path)}`}`)
      .then((found) => isCurrent && setFolder(found))
      .catch((error: Error) => isCurrent && setProblem(error.message))
    return () => {
      isCurrent = false
    }
  }, [path])

  const add = async ({ path: location }: Pick<LibraryEntry, 'path'>): Promise<void> => {
    if (await house.do({ command: 'addTracks', group: group.id, tracks: [{ location }] })) {
      setAdded(new Set([...added, location]))
    }
  }
  if (problem !== undefined) return <p class="problem">{problem}</p>
  if (folder === undefined) return <p class="quiet">Looking…</p>
  return (
    <div class="library">
      {folder.path !== undefined && (
        <div class="library-path">
          <IconButton icon="back" label="Back to the folder above" onClick={() => setPath(folder.parent)} />
          <b>{folder.path.split(/[/\\]/).at(-1)}</b>
          <button type="button" class="button" onClick={() => void add({ path: folder.path! })}>
            {added.has(folder.path) ? 'Added' : 'Add all'}
          </button>
        </div>
      )}
      {folder.entries.length === 0 && (
        <p class="quiet">
          {folder.path === undefined
            ? 'The server was told of no music folder. Start it with tutti serve --music and a folder.'
            : 'No music in here.'}
        </p>
      )}
      <ul>
        {folder.entries.map((entry) => (
          <li key={entry.path} class="row">
            <button
              type="button"
              class="row-name"
              onClick={() => (entry.kind === 'folder' ? setPath(entry.path) : void add(entry))}
            >
              <b>
                <Icon name={entry.kind === 'folder' ? 'folder' : 'note'} /> {entry.name}
              </b>
            </button>
            <button type="button" class="button" aria-label={`Add ${entry.name}`} onClick={() => void add(entry)}>
              {added.has(entry.path) ? 'Added' : 'Add'}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Address({ group }: { readonly group: GroupStatus }) {
  const [location, setLocation] = useState('')
  const [title, setTitle] = useState('')
  const [isLive, setLive] = useState(true)
  const [said, say] = useState('')
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault()
        const [place, name] = [location.trim(), title.trim()]
        const track = { location: place, ...(isLive && { live: true }), ...(name && { title: name }) }
        void house.do({ command: 'addTracks', group: group.id, tracks: [track] }).then((done) => {
          if (!done) return
          say(`Added ${name || place}`)
          setLocation('')
          setTitle('')
        })
      }}
    >
      <label class="field">
        <span>Address</span>
        <input
          type="url"
          required
          placeholder="https://radio.example/stream.mp3"
          value={location}
          onInput={(event) => setLocation(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>Name, if you like</span>
        <input maxLength={100} value={title} onInput={(event) => setTitle(event.currentTarget.value)} />
      </label>
      <label class="check">
        <input type="checkbox" checked={isLive} onChange={(event) => setLive(event.currentTarget.checked)} />
        <span>It is live radio, without beginning or end</span>
      </label>
      <button type="submit" class="button is-main">
        Add
      </button>
      <p class="quiet" role="status">
        {said}
      </p>
    </form>
  )
}
