import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { WebSocket } from 'ws'
import type { RunningServer } from '../../src/node/live-server.js'
import { serve } from '../../src/node/serve.js'

/** What a proxy says for a browser elsewhere: it makes a request over loopback one from another machine. */
const fromElsewhere = { 'X-Forwarded-For': '192.168.1.7' }
const json = { 'Content-Type': 'application/json' }

describe('ControlApi', () => {
  let folder: string
  let server: RunningServer
  let code: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-api-'))
    await mkdir(join(folder, 'music', 'Album'), { recursive: true })
    await mkdir(join(folder, 'page', 'assets'), { recursive: true })
    await writeFile(join(folder, 'music', 'Album', 'Song.flac'), '')
    await writeFile(join(folder, 'page', 'index.html'), '<!doctype html><title>Tutti</title>')
    server = await serve({
      name: 'House',
      host: '127.0.0.1',
      port: 0,
      path: '/sendspin',
      control: {
        names: ['music.example'],
        page: join(folder, 'page'),
        admitsOthers: true,
        musicFolders: [join(folder, 'music')],
        onPairingCode: (shown) => {
          code = shown
        },
      },
      stateFolder: join(folder, 'state'),
      discovers: false,
      players: [],
      openSource: () => Promise.reject(new Error('not in this test')),
      encoder: {},
      appRoles: [],
      appMessages: {},
      sendAheadMs: 5000,
      onEvent: () => undefined,
      onProblem: () => undefined,
    })
  })
  afterEach(async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}${path}`, { ...init, headers })
  const pair = (given: string, wantsToken = true): Promise<Response> =>
    ask(
      '/api/pair',
      { ...json, ...fromElsewhere },
      { method: 'POST', body: JSON.stringify({ code: given, name: 'Phone', wantsToken }) },
    )
  async function paired(): Promise<Record<string, string>> {
    const { token } = (await (await pair(code)).json()) as { token: string }
    return { ...fromElsewhere, Authorization: `Bearer ${token}` }
  }
  const command = (headers: Record<string, string>, body: object): Promise<Response> =>
    ask('/api/commands', { ...json, ...headers }, { method: 'POST', body: JSON.stringify(body) })
  const group = (): string => server.status().groups[0]!.id
  /** Resolves to the code of the refusal, or to `open`. */
  const openEvents = (headers: Record<string, string>): Promise<string> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api/events`, { headers })
      socket.on('open', () => {
        resolve('open')
        socket.terminate()
      })
      socket.on('error', ({ message }) => resolve(message))
    })

  const guarded = ['/api/status', '/api/telemetry', '/api/library', '/api/artwork/x', '/api/browsers', '/metrics']

  it('shows a stranger the page and who lives here, and nothing else', async () => {
    expect((await ask('/', fromElsewhere)).status).to.equal(200)
    const access = await (await ask('/api/access', fromElsewhere)).json()
    expect(access).to.include({ name: 'House', isAllowed: false })
    for (const path of [...guarded, '/api/pairing']) {
      expect((await ask(path, fromElsewhere)).status, path).to.equal(401)
    }
    expect((await command(fromElsewhere, { command: 'stop', group: group() })).status).to.equal(401)
    expect(await openEvents(fromElsewhere)).to.contain('401')
  })

  it('lets a browser in that was shown the code, with a cookie no script and no other site can use', async () => {
    expect((await pair('000000x')).status).to.equal(403)
    const response = await pair(code, false)
    expect(response.status).to.equal(200)
    const cookie = response.headers.get('set-cookie')!
    expect(cookie).to.match(/^tutti=[\w-]{43}; Path=\/; .*HttpOnly; SameSite=Strict/)
    const headers = { ...fromElsewhere, Cookie: cookie.split(';', 1)[0]! }
    for (const path of guarded) expect((await ask(path, headers)).status, path).to.be.oneOf([200, 404])
    expect(await openEvents(headers)).to.equal('open')
  })

  it('shows the code to this machine only, not even to those who are paired', async () => {
    const headers = await paired()
    expect((await ask('/api/pairing', headers)).status).to.equal(403)
    expect(await (await ask('/api/pairing')).json()).to.deep.equal({ code })
  })

  it('ends everything of a browser that is revoked, its open connections too', async () => {
    const headers = await paired()
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api/events`, { headers })
    await new Promise((resolve) => socket.on('open', resolve))
    const closed = new Promise((resolve) => socket.on('close', resolve))
    const { browsers } = (await (await ask('/api/browsers', headers)).json()) as {
      browsers: { id: string; isThisOne: boolean }[]
    }
    expect(browsers).to.have.length(1)
    expect(browsers[0]!.isThisOne).to.equal(true)
    expect((await ask(`/api/browsers/${browsers[0]!.id}`, {}, { method: 'DELETE' })).status).to.equal(200)
    await closed
    expect((await ask('/api/status', headers)).status).to.equal(401)
    expect((await ask(`/api/browsers/${browsers[0]!.id}`, {}, { method: 'DELETE' })).status).to.equal(404)
  })

  it('plays for other machines what is in the music folders and what has an address, and nothing else', async () => {
    const headers = await paired()
    const add = async (location: string): Promise<number> =>
      (await command(headers, { command: 'addTracks', group: group(), tracks: [{ location }] })).status
    expect(await add(join(folder, 'music', 'Album', 'Song.flac'))).to.equal(200)
    expect(await add('https://radio.example/stream.mp3')).to.equal(200)
    for (const location of [
      join(folder, 'state', 'secret.flac'),
      `${folder}/music/../state/secret.flac`,
      '/etc/passwd',
      'exec:touch /tmp/here',
      'fifo:/run/music',
      'alsa:default',
      '-',
    ]) {
      expect(await add(location), location).to.equal(409)
    }
    const announcement = { command: 'announce', rooms: ['x'], location: '/etc/passwd' }
    expect((await command(headers, announcement)).status).to.equal(409)
    expect(
      (await command({}, { command: 'addTracks', group: group(), tracks: [{ location: '/elsewhere.flac' }] })).status,
    ).to.equal(200)
  })

  it('looks through the music folders and no further', async () => {
    const look = async (path: string): Promise<{ status: number; names: readonly string[] }> => {
      const response = await ask(`/api/library?folder=${encodeURIComponent(path)}`)
      const body = (await response.json()) as { entries?: { name: string }[] }
      return { status: response.status, names: body.entries?.map(({ name }) => name) ?? [] }
    }
    expect(await look(join(folder, 'music'))).to.deep.equal({ status: 200, names: ['Album'] })
    expect(await look(join(folder, 'music', 'Album'))).to.deep.equal({ status: 200, names: ['Song.flac'] })
    for (const path of [folder, join(folder, 'music', '..'), `${folder}/music2`, '/']) {
      expect((await look(path)).status, path).to.equal(404)
    }
  })

  it('refuses foreign pages and foreign names, and may not be framed', async () => {
    for (const headers of [
      { Origin: 'http://evil.example' },
      { Origin: 'null' },
      { Origin: 'http://127.0.0.1:1' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
    ]) {
      const said = JSON.stringify(headers)
      expect((await ask('/api/status', headers)).status, said).to.equal(403)
      expect((await ask('/metrics', headers)).status, said).to.equal(403)
      expect((await command(headers, { command: 'stop', group: group() })).status, said).to.equal(403)
      expect(await openEvents(headers), said).to.contain('403')
    }
    const page = await ask('/')
    expect(page.headers.get('content-security-policy'))
      .to.contain("frame-ancestors 'none'")
      .and.contain("default-src 'none'")
    expect(page.headers.get('x-frame-options')).to.equal('DENY')
    expect(page.headers.get('access-control-allow-origin')).to.equal(null)
  })

  it('tells Prometheus of rooms and groups, and of the past as JSON', async () => {
    const metrics = await ask('/metrics')
    expect(metrics.headers.get('content-type')).to.contain('text/plain')
    expect(await metrics.text())
      .to.contain('# TYPE tutti_room_late_seconds gauge')
      .and.to.contain('tutti_group_playing{')
    expect(await (await ask('/api/telemetry?span=day')).json()).to.deep.include({ rooms: [] })
    expect((await ask('/api/telemetry?span=week')).status).to.equal(400)
  })
})
