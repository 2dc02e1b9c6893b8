import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createOpenSource } from '../../src/node/source/open-source.js'
import { fixturePath, framesOf, readAll } from './fixtures.js'

/** Stands in for ffmpeg: a Node script that notes its process id and then does as told. */
async function withFakeFfmpeg(script: string, run: (command: string, pidFile: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-'))
  const command = join(folder, 'fake-ffmpeg')
  const pidFile = join(folder, 'pid')
  const note = `require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));`
  await writeFile(command, `#!${process.execPath}\n${note}${script}`)
  await chmod(command, 0o755)
  try {
    await run(command, pidFile)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('ffmpeg as a child process', () => {
  it('is gone once the source is closed, though it had more to say', async () => {
    const endless = 'const b = Buffer.alloc(65536); const go = () => process.stdout.write(b, go); go()'
    await withFakeFfmpeg(endless, async (command, pidFile) => {
      const source = await createOpenSource(command)(fixturePath('tone.mp3'), 0)
      await source.read()
      await source.close()
      const pid = Number(await readFile(pidFile, 'utf8'))
      expect(() => process.kill(pid, 0)).to.throw(/ESRCH/)
    })
  })

  it('does not keep close waiting when it has stalled', async () => {
    const stalled = 'process.stdout.write(Buffer.alloc(800)); setInterval(() => {}, 1000)'
    await withFakeFfmpeg(stalled, async (command) => {
      const source = await createOpenSource(command)(fixturePath('tone.mp3'), 0)
      await source.read()
      const pending = source.read()
      await source.close()
      expect(await pending).to.equal(undefined)
    })
  })

  it('may take its time to leave after its last sample', async () => {
    const slow = 'process.stdout.end(Buffer.alloc(800)); setTimeout(() => {}, 200)'
    await withFakeFfmpeg(slow, async (command) => {
      const source = await createOpenSource(command)(fixturePath('tone-opus.ogg'), 0)
      expect(framesOf(await readAll(source))).to.equal(100)
    })
  })

  it('is quoted, last line only, when it fails on the way', async () => {
    const failing = `process.stdout.write(Buffer.alloc(800)); console.error('noise\\n[mp3 @ 0x55] file:/x: Disk on fire'); process.exitCode = 1`
    await withFakeFfmpeg(failing, async (command) => {
      const source = await createOpenSource(command)(fixturePath('tone-opus.ogg'), 0)
      const failure = await readAll(source).catch((error: Error) => error.message)
      expect(failure).to.match(/^tone-opus.ogg: cannot be decoded \(Disk on fire\); /)
    })
  })

  it('is named when it cannot be started', async () => {
    const failure = await createOpenSource('/no/such/ffmpeg')(fixturePath('tone.mp3'), 0).catch((e: Error) => e.message)
    expect(failure).to.match(/^tone.mp3: cannot be decoded \(ffmpeg did not start: .*ENOENT\); /)
  })
})
