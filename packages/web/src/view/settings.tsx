import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { getJson } from '../browser/api-link.js'
import { theme, themes } from '../browser/theme.js'
import type { PairedBrowser } from '../contract.js'
import { ago } from '../words.js'
import { Choice } from './choice.js'
import { Dialog } from './dialog.js'

export const settingsOpen = signal(false)

const themeNames = { system: 'As this device', light: 'Light', dark: 'Dark' } as const

export function Settings() {
  return (
    <Dialog title="Settings" onClose={() => (settingsOpen.value = false)}>
      <h3>Appearance</h3>
      <Choice
        label="Appearance"
        chosen={theme.value}
        options={themes.map((id) => ({ id, name: themeNames[id] }))}
        onChoose={(id) => {
          theme.value = id
        }}
      />
      <h3>Browsers that may control the music</h3>
      <Browsers />
    </Dialog>
  )
}

function Browsers() {
  const [browsers, setBrowsers] = useState<readonly PairedBrowser[] | undefined>(undefined)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const load = (): void => {
    getJson<{ browsers: readonly PairedBrowser[] }>('api/browsers')
      .then((body) => setBrowsers(body.browsers))
      .catch((error: Error) => setProblem(error.message))
  }
  useEffect(load, [])
  const revoke = (id: string): void => {
    getJson(`api/browsers/${encodeURIComponent(id)}`, { method: 'DELETE' })
      .then(load)
      .catch((error: Error) => setProblem(error.message))
  }
  if (problem !== undefined) return <p class="problem">{problem}</p>
  if (browsers === undefined) return <p class="quiet">Looking…</p>
  const now = Date.now() / 1000
  return (
    <>
      <ul class="browsers">
        {browsers.map(({ id, name, lastSeenAt, isThisOne }) => (
          <li key={id} class="row">
            <span class="row-name">
              <b>{isThisOne ? `${name} (this one)` : name}</b>
              <small>last here {ago(now - lastSeenAt)}</small>
            </span>
            <button type="button" class="button" aria-label={`Revoke ${name}`} onClick={() => revoke(id)}>
              Revoke
            </button>
          </li>
        ))}
      </ul>
      <p class="quiet">
        {browsers.length === 0 && 'None is paired yet. '}Browsers on the server itself need no pairing; any other enters
        the code from the server’s terminal once.
      </p>
    </>
  )
}
