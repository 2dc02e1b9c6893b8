import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningServer } from '@tutti/server/node'
import { expect } from 'chai'
import { startCoordinator } from '../src/coordinator.js'
import { run } from './program.js'

describe('tutti pair', function () {
  this.timeout(60_000)
  let folder: string
  let server: RunningServer
  let code: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-pair-'))
    server = await startCoordinator({
      name: 'House',
      host: '127.0.0.1',
      port: 0,
      control: {
        names: [],
        page: undefined,
        admitsOthers: true,
        musicFolders: [],
        onPairingCode: (shown) => {
          code = shown
        },
      },
      stateFolder: folder,
      discovers: false,
      players: [],
      encoder: {},
      locations: [],
      allowsPrograms: false,
      onEvent: () => undefined,
      onProblem: () => undefined,
    })
  })
  after(async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const pair = (...words: string[]) => run(['pair', ...words, '--port', String(server.port)])

  it('shows the code, gives a program a token for it, lists who is paired and lets them in no more', async () => {
    expect((await pair()).stdout).to.equal(`${code.slice(0, 3)} ${code.slice(3)}\n`)
    expect((await pair('--list')).stdout).to.equal('no browser is paired\n')

    const { stdout } = await pair('--code', code, '--name', 'Light switch')
    expect(stdout).to.match(/^[\w-]{43}\n$/)
    const ask = () =>
      fetch(`http://127.0.0.1:${server.port}/api/status`, {
        headers: { Authorization: `Bearer ${stdout.trim()}`, 'X-Forwarded-For': '192.168.1.7' },
      })
    expect((await ask()).status).to.equal(200)

    expect((await pair('--list')).stdout).to.match(
      /^Light switch: paired \d{4}-\d\d-\d\d, last here \d{4}-\d\d-\d\d, [\w-]+\n$/,
    )
    expect(await pair('--revoke', 'Light switch')).to.include({ code: 0, stdout: 'Light switch is let in no more\n' })
    expect((await ask()).status).to.equal(401)
  })

  it('says in one line what is in the way', async () => {
    for (const [words, reason] of [
      [['--code', code === '000000' ? '000001' : '000000'], 'this is not the code'],
      [['--revoke', 'Nobody'], 'no browser called Nobody is paired'],
    ] as const) {
      const { code: exit, stderr } = await pair(...words)
      expect(exit).to.equal(1)
      expect(stderr)
        .to.contain(reason)
        .and.match(/^[^\n]+\n$/)
    }
  })
})
