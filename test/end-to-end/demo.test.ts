/** The demo leaves nothing behind, however it ends. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const program = fileURLToPath(new URL('../../../packages/tutti/dist/src/main.js', import.meta.url))

describe('tutti demo', function () {
  this.timeout(60_000)
  /** The demo's own place for temporary files; room processes carry it in their command line. */
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-leave-'))
  })

  after(() => rm(folder, { recursive: true, force: true }))

  const start = (...options: string[]): { readonly child: ChildProcess; readonly output: () => string } => {
    const child = spawn(process.execPath, [program, 'demo', ...options], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream!.setEncoding('utf8').on('data', (text) => (output += text))
    return { child, output: () => output }
  }

  const rooms = async (): Promise<number> => {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'args='])
    return stdout.split('\n').filter((line) => line.includes('demo-room.js') && line.includes(folder)).length
  }

  const until = async (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 30_000
    while (!(await isSo())) {
      if (Date.now() > deadline) throw new Error(`not ${what} within 30 s`)
      await sleep(100)
    }
  }

  it('shows every room, plays, and ends cleanly at Ctrl-C', async () => {
    const { child, output } = start()
    await until('playing', () => /Kitchen .* playing\n.*Living room .* playing\n.*Bedroom .* playing\n/.test(output()))
    expect(await rooms()).to.equal(3)
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    expect({ code, rooms: await rooms(), files: await readdir(folder) }).to.deep.equal({ code: 0, rooms: 0, files: [] })
  })

  it('leaves no room and no file behind when it is killed', async () => {
    const { child } = start()
    await until('three rooms', async () => (await rooms()) === 3)
    await sleep(1000)
    child.kill('SIGKILL')
    await once(child, 'close')
    await until('everything gone', async () => (await rooms()) === 0 && (await readdir(folder)).length === 0)
  })

  it('tells in JSON how far apart the rooms were', async () => {
    const { child, output } = start('--seconds', '10', '--rooms', '2', '--json')
    await once(child, 'close')
    const { rooms, spreadUs, instants, perRoom } = JSON.parse(output())
    expect(rooms).to.equal(2)
    expect(perRoom.map(({ name }: { name: string }) => name)).to.deep.equal(['Kitchen', 'Living room'])
    // On a machine too busy for two rooms there may be nothing to tell; then it says so.
    if (spreadUs === null) expect(instants).to.equal(0)
    else expect(spreadUs.p50).to.be.within(0, spreadUs.max)
  })
})
