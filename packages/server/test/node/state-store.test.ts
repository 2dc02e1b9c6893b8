import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { defaultStateFolder, StateStore } from '../../src/node/state-store.js'
import { emptyState, type ServerState } from '../../src/server-state.js'

const withClient = (name: string): ServerState => ({
  ...emptyState,
  clients: [{ id: 'c', name, group: 'g' }],
})

describe('StateStore', () => {
  let folder: string
  let problems: string[]
  const open = (): StateStore => new StateStore(folder, (problem) => problems.push(problem))

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'tutti-state-')), 'deep', 'down')
    problems = []
  })

  afterEach(() => rm(join(folder, '..', '..'), { recursive: true, force: true }))

  it('starts empty, and finds again what was kept', async () => {
    expect(await open().load()).to.deep.equal(emptyState)
    const store = open()
    store.save(() => withClient('Kitchen'))
    await store.flush()
    expect(await open().load()).to.deep.equal(withClient('Kitchen'))
    expect(problems).to.deep.equal([])
  })

  it('counts the time nobody ran among the time a room has been away', async () => {
    const away = (awayS: number): ServerState => ({
      ...emptyState,
      clients: [{ id: 'c', name: 'Bath', group: 'g', awayS }],
    })
    const store = open()
    store.save(() => away(60))
    await store.flush()
    const file = join(folder, 'server.json')
    const text = await readFile(file, 'utf8')
    await writeFile(
      file,
      text.replace(/"writtenAt": (\d+)/, (_, at) => `"writtenAt": ${Number(at) - 3600}`),
    )
    expect((await open().load()).clients[0]!.awayS).to.be.within(3660, 3670)
    await writeFile(
      file,
      text.replace(/"writtenAt": (\d+)/, (_, at) => `"writtenAt": ${Number(at) + 3600}`),
    )
    expect((await open().load()).clients[0]!.awayS).to.equal(60) // the clock of the machine was set back
  })

  it('keeps it from other people on the machine', async () => {
    const store = open()
    store.save(() => emptyState)
    await store.flush()
    expect((await stat(join(folder, 'server.json'))).mode & 0o777).to.equal(0o600)
    expect((await stat(folder)).mode & 0o777).to.equal(0o700)
  })

  it('writes changes that come together once, in their last form, and nothing that is no change', async () => {
    const store = open()
    let written = 0
    for (let i = 0; i < 100; i++) {
      store.save(() => {
        written++
        return withClient(`Name ${i}`)
      })
    }
    await store.flush()
    expect(written).to.equal(1)
    const { mtimeMs } = await stat(join(folder, 'server.json'))
    store.save(() => withClient('Name 99'))
    await store.flush()
    expect((await stat(join(folder, 'server.json'))).mtimeMs).to.equal(mtimeMs)
    await store.flush()
  })

  it('puts a file it cannot use aside, whole, says why, and starts afresh', async () => {
    const store = open()
    store.save(() => emptyState)
    await store.flush()
    for (const [text, reason] of [
      ['{"version":1,"clie', 'not JSON'],
      ['{"version":7}', 'newer version'],
    ] as const) {
      await writeFile(join(folder, 'server.json'), text)
      problems = []
      expect(await open().load()).to.deep.equal(emptyState)
      expect(problems).to.have.length(1)
      expect(problems[0]).to.contain(reason)
      const aside = problems[0]!.match(/kept as (\S+);/)![1]!
      expect(await readFile(aside, 'utf8')).to.equal(text)
    }
  })

  it('has a whole file at any moment: whenever the process is killed, the last version or the one before is there', async () => {
    for (let round = 0; round < 5; round++) {
      const writer = fork(fileURLToPath(new URL('./state-writer.js', import.meta.url)), [folder])
      await once(writer, 'message')
      await setTimeout(20 + 13 * round)
      writer.kill('SIGKILL')
      await once(writer, 'exit')
      const { clients } = await open().load()
      expect(clients[0]?.name).to.match(/^Room \d+ x*$/)
    }
    expect(problems).to.deep.equal([])
  })

  it('says so when the folder cannot be made, and goes on', async () => {
    await writeFile(join(folder, '..', '..', 'deep'), 'a file in the way')
    const store = open()
    store.save(() => emptyState)
    await store.flush()
    expect(problems).to.have.length(1)
    expect(problems[0]).to.contain('cannot write')
  })

  it('gives the server one id for good, that outlives its state', async () => {
    const id = await open().serverId()
    expect(id).to.match(/^[\w-]{8,64}$/)
    await writeFile(join(folder, 'server.json'), 'garbage')
    expect(await open().serverId()).to.equal(id)
    expect(await readdir(folder)).to.include('server-id')
    await writeFile(join(folder, 'server-id'), '')
    expect(await open().serverId()).to.not.equal(id)
  })

  it('lives where the XDG Base Directory Specification says', () => {
    expect(defaultStateFolder({ XDG_STATE_HOME: '/var/state' })).to.equal('/var/state/tutti')
    expect(defaultStateFolder({})).to.match(/\.local\/state\/tutti$/)
  })
})
