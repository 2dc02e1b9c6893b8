import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { SettingsFile, settingsPath } from '../../src/node/settings.js'
import { settingsDefaults } from '../../src/session-settings.js'

describe('SettingsFile', () => {
  let folder: string
  let problems: string[]
  const open = (name = 'players/kitchen.json', device = 'alsa:default') =>
    new SettingsFile(join(folder, name), device, (text) => problems.push(text))

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-settings-'))
    problems = []
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('starts from the defaults and says nothing when there is no file yet', async () => {
    expect(await open().load()).to.deep.equal(settingsDefaults)
    expect(problems).to.deep.equal([])
  })

  it('reads back what it wrote, for its owner only', async () => {
    const settings = {
      ...settingsDefaults,
      volume: 33,
      muted: true,
      outputDelayMs: 120,
      channelMode: 'left' as const,
      lastServerId: 'house',
      drifts: { house: { driftPpm: -12.5, sigmaPpm: 0.2 } },
      tails: { house: { guessUs: 135_000, tailUs: 41_000 } },
    }
    const file = open()
    file.save(settings)
    await file.flush()
    expect(await open().load()).to.deep.equal(settings)
    expect((await stat(join(folder, 'players/kitchen.json'))).mode & 0o777).to.equal(0o600)
  })

  it('remembers volume, mute, delay and channel of every device, and the servers whatever is played on', async () => {
    const drifts = { house: { driftPpm: 3, sigmaPpm: 0.1 } }
    const soundbar = { ...settingsDefaults, volume: 30, outputDelayMs: 180, channelMode: 'mono' as const, drifts }
    const inUse = open()
    inUse.save(soundbar)
    await inUse.flush()
    const headphones = open(undefined, 'alsa:hw:CARD=Dongle')
    // Not met before: as loud as the last one, but whatever delayed that one is not behind this one.
    expect(await headphones.load()).to.deep.equal({ ...soundbar, outputDelayMs: 0 })
    headphones.save({ ...soundbar, volume: 80, outputDelayMs: 5 })
    await headphones.flush()
    expect(await open().load()).to.deep.equal(soundbar)
    expect(await open(undefined, 'alsa:hw:CARD=Dongle').load()).to.include({ volume: 80, outputDelayMs: 5 })
  })

  it('forgets the device that was used longest ago when there are more than sixteen', async () => {
    for (let i = 0; i <= 16; i++) {
      const file = open(undefined, `alsa:hw:${i}`)
      await file.load()
      file.save({ ...settingsDefaults, outputDelayMs: i + 1 })
      await file.flush()
    }
    expect((await open(undefined, 'alsa:hw:0').load()).outputDelayMs).to.equal(0)
    expect((await open(undefined, 'alsa:hw:1').load()).outputDelayMs).to.equal(2)
  })

  it('ends with the newest of many saves', async () => {
    const file = open()
    for (let volume = 0; volume <= 100; volume++) file.save({ ...settingsDefaults, volume })
    await file.flush()
    expect(JSON.parse(await readFile(join(folder, 'players/kitchen.json'), 'utf8'))).to.include({ volume: 100 })
  })

  it('plays on with defaults when the file makes no sense, and says what is wrong', async () => {
    await writeFile(join(folder, 'bad.json'), '{"volume": 300}')
    expect(await open('bad.json').load()).to.deep.equal(settingsDefaults)
    await writeFile(join(folder, 'bad.json'), 'not json')
    expect(await open('bad.json').load()).to.deep.equal(settingsDefaults)
    expect(problems).to.have.length(2)
    expect(problems[0]).to.match(/^cannot read the settings in .*bad.json \(volume: .*\); starting from the defaults$/)
  })

  it('says so when it cannot write', async () => {
    await writeFile(join(folder, 'file'), '')
    const file = open('file/kitchen.json')
    file.save(settingsDefaults)
    await file.flush()
    expect(problems[0]).to.match(/^cannot keep the settings in /)
  })

  it('belongs in the XDG configuration folder, under a name that cannot lead out of it', () => {
    expect(settingsPath('kitchen', { XDG_CONFIG_HOME: '/c' })).to.equal('/c/tutti/players/kitchen.json')
    expect(settingsPath('kitchen', { XDG_CONFIG_HOME: 'relative' })).to.match(/^\/.*\/\.config\/tutti\/players\//)
    expect(settingsPath('../../x', { XDG_CONFIG_HOME: '/c' })).to.equal('/c/tutti/players/%2E%2E%2F%2E%2E%2Fx.json')
  })
})
