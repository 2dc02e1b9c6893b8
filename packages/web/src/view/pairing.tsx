/** What a browser sees that the house does not know yet. */
import { useEffect, useState } from 'preact/hooks'
import { postJson } from '../browser/api-link.js'
import { apiLink, house } from '../browser/home.js'
import { sentence } from '../words.js'

export function Pairing() {
  const [code, setCode] = useState('')
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [isBusy, setBusy] = useState(false)

  const pair = async (given: string): Promise<void> => {
    setBusy(true)
    setProblem(undefined)
    try {
      await postJson('api/pair', { code: given, name: browserName() })
      house.link.value = 'connecting'
      await apiLink.open()
    } catch (error) {
      setProblem(sentence((error as Error).message))
    }
    setBusy(false)
  }
  // The QR code in the terminal carries the code behind the #, which no browser sends over the network.
  useEffect(() => {
    const [, given] = /^#pair=(\d{6})$/.exec(location.hash) ?? []
    if (given === undefined) return
    history.replaceState(null, '', location.pathname)
    setCode(given)
    void pair(given)
  }, [])

  return (
    <main class="pairing">
      <span class="brand-mark is-large" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <h1>Pair this browser</h1>
      <p>
        The music server shows a six-digit code in its terminal. Enter it once; this browser is then remembered until
        someone revokes it.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void pair(code)
        }}
      >
        <label for="code">Pairing code</label>
        <input
          id="code"
          class="code"
          inputMode="numeric"
          autocomplete="one-time-code"
          pattern="[0-9 ]*"
          maxLength={7}
          placeholder="000000"
          value={code}
          aria-invalid={problem !== undefined}
          aria-describedby="pairing-problem"
          onInput={(event) => setCode(event.currentTarget.value)}
        />
        <button type="submit" class="button is-main" disabled={isBusy || code.replace(/\D/g, '').length !== 6}>
          {isBusy ? 'Pairing…' : 'Pair'}
        </button>
      </form>
      <p id="pairing-problem" class="problem" role="alert">
        {problem}
      </p>
      <p class="quiet">
        No terminal at hand? On the server, run <code>tutti pair</code> to see a code.
      </p>
    </main>
  )
}

/** "Firefox on Android": enough to tell one's own browsers apart in the list. */
export function browserName(agent: string = navigator.userAgent): string {
  const maker = /Edg|OPR|Firefox|CriOS|FxiOS|Chrome|Safari/.exec(agent)?.[0] ?? 'Browser'
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', CriOS: 'Chrome', FxiOS: 'Firefox' }
  const system = /Android|iPhone|iPad|Windows|Mac OS|CrOS|Linux/.exec(agent)?.[0]
  const where = system === 'Mac OS' ? 'Mac' : system === 'CrOS' ? 'Chromebook' : system
  return where === undefined ? (names[maker] ?? maker) : `${names[maker] ?? maker} on ${where}`
}
