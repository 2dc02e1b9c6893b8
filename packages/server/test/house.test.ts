import { expect } from 'chai'
import type { SaidMessage } from '../src/output.js'
import { runsOf, Stage } from './stage.js'

const second = 48_000

function playing(): Stage {
  const stage = new Stage()
  stage.tracks.set('a', { frames: 300 * second })
  stage.player(1, 'kitchen', { roles: ['player@v1', 'controller@v1', 'metadata@v1'] })
  stage.player(2, 'bath')
  stage.play('a')
  stage.run(5000)
  stage.clearHeard()
  return stage
}

function groups(stage: Stage) {
  return stage.coordinator.snapshot(stage.now).groups
}

function groupOf(stage: Stage, client: string) {
  return groups(stage).find((group) => group.clients.some(({ id }) => id === client))!
}

function streamMessages(stage: Stage, connection: number): readonly string[] {
  return stage.messages(connection).flatMap(({ type }) => (type.startsWith('stream/') ? [type] : []))
}

function isSeamless(stage: Stage, connection: number): boolean {
  const chunks = stage.audio(connection)
  return chunks.length > 50 && chunks.every((chunk, i) => i === 0 || chunk.timestamp === chunks[i - 1]!.endAt)
}

function originOf(stage: Stage, connection: number): number {
  const run = runsOf(stage.audio(connection)).find(({ track }) => track === 'a')!
  return run.startsAt - (run.from * 1e6) / second
}

function volumeCommands(stage: Stage): readonly (readonly [number, unknown])[] {
  return stage.heard.flatMap(({ connection, message }) =>
    message?.type === 'server/command' ? [[connection, message.payload.player] as const] : [],
  )
}

function controllerState(messages: readonly SaidMessage[]) {
  return messages
    .flatMap((message) =>
      message.type === 'server/state' && message.payload.controller ? [message.payload.controller] : [],
    )
    .at(-1)
}

describe('House', () => {
  it('puts new players together and tells each of them', () => {
    const stage = new Stage()
    stage.player(1, 'kitchen')
    stage.player(2, 'bath')
    expect(groups(stage).map((group) => group.clients.map(({ id }) => id))).to.deep.equal([['kitchen', 'bath']])
    expect(stage.messages(2, 'group/update')[0]!.payload).to.deep.equal({
      group_id: stage.group,
      group_name: 'Home',
      playback_state: 'stopped',
    })
  })

  it('takes a player out of a playing group and back without disturbing the others', () => {
    const stage = playing()
    stage.command({ command: 'isolateClient', client: 'bath' })
    expect(streamMessages(stage, 2)).to.deep.equal(['stream/end'])
    expect(groupOf(stage, 'bath')).to.include({ state: 'stopped', name: 'Room bath' })
    stage.run(5000)
    stage.command({ command: 'moveClient', client: 'bath', group: stage.group })
    stage.run(5000)
    expect(streamMessages(stage, 1)).to.deep.equal([])
    expect(isSeamless(stage, 1)).to.equal(true)
    expect(streamMessages(stage, 2)).to.deep.equal(['stream/end', 'stream/start'])
    expect(originOf(stage, 2)).to.be.closeTo(originOf(stage, 1), 1.5)
    expect(groups(stage).length).to.equal(1)
  })

  it('sets a player aside that something else has taken, and lets it find back by switching', () => {
    const stage = playing()
    const home = stage.group
    stage.message(1, { type: 'client/state', payload: { state: 'external_source' } })
    expect(streamMessages(stage, 1)).to.deep.equal(['stream/end'])
    expect(groupOf(stage, 'kitchen')).to.include({ state: 'stopped' })
    expect(groupOf(stage, 'bath')).to.include({ id: home, state: 'playing' })
    stage.message(1, { type: 'client/state', payload: { state: 'synchronized' } })
    stage.run(2000)
    expect(groupOf(stage, 'kitchen').id).to.not.equal(home)
    expect(stage.audio(1)).to.be.empty
    stage.message(1, { type: 'client/command', payload: { controller: { command: 'switch' } } })
    stage.run(2000)
    expect(groupOf(stage, 'kitchen').id).to.equal(home)
    expect(originOf(stage, 1)).to.be.closeTo(originOf(stage, 2), 1.5)
  })

  it('stops a group whose only player something else has taken', () => {
    const stage = new Stage()
    stage.tracks.set('a', { frames: 300 * second })
    stage.player(1, 'kitchen')
    stage.play('a')
    stage.run(5000)
    stage.message(1, { type: 'client/state', payload: { state: 'external_source' } })
    expect(groups(stage)).to.have.length(1)
    expect(groups(stage)[0]!.state).to.equal('paused')
    expect(streamMessages(stage, 1)).to.deep.equal(['stream/start', 'stream/end'])
  })

  it('brings a player back into its group after a lost connection', () => {
    const stage = playing()
    stage.command({ command: 'createGroup', name: 'Upstairs', clients: ['bath'] })
    stage.input({ type: 'disconnected', connection: 2 })
    expect(groupOf(stage, 'bath').clients[0]).to.include({ isConnected: false, lastSeenAt: stage.now })
    stage.player(5, 'bath')
    expect(groupOf(stage, 'bath')).to.include({ name: 'Upstairs' })
  })

  it('makes, renames and removes groups, and keeps the one new clients come into', () => {
    const stage = playing()
    stage.command({ command: 'createGroup', clients: ['bath', 'kitchen'] })
    const made = stage.answers.at(-1)!.result!.group!
    expect(groupOf(stage, 'bath')).to.include({ id: made, name: 'Room bath + Room kitchen' })
    stage.command({ command: 'renameGroup', group: made, name: 'Downstairs' })
    expect(stage.messages(2, 'group/update').at(-1)!.payload).to.include({ group_name: 'Downstairs' })
    expect(stage.command({ command: 'removeGroup', group: stage.group })).to.contain('must stay')
    expect(stage.command({ command: 'removeGroup', group: made })).to.equal(undefined)
    expect(groupOf(stage, 'bath').clients.length).to.equal(1)
    expect(stage.command({ command: 'createGroup', clients: [] })).to.contain('needs a name')
    expect(stage.command({ command: 'createGroup', clients: ['ghost'] })).to.contain('no client ghost')
  })

  it('renames a client for good, whatever it calls itself', () => {
    const stage = playing()
    stage.command({ command: 'renameClient', client: 'bath', name: 'Bathroom' })
    stage.input({ type: 'disconnected', connection: 2 })
    stage.player(3, 'bath')
    expect(groupOf(stage, 'bath').clients.map(({ name }) => name)).to.include('Bathroom')
  })

  it('forgets a client only while it is away', () => {
    const stage = playing()
    expect(stage.command({ command: 'forgetClient', client: 'bath' })).to.contain('is connected')
    stage.input({ type: 'disconnected', connection: 2 })
    expect(stage.command({ command: 'forgetClient', client: 'bath' })).to.equal(undefined)
    expect(
      groups(stage)
        .flatMap((group) => group.clients)
        .map(({ id }) => id),
    ).to.deep.equal(['kitchen'])
  })

  it('remembers a bounded number of clients: strangers push out strangers, not those with a name', () => {
    const stage = new Stage()
    stage.player(1, 'named')
    stage.command({ command: 'renameClient', client: 'named', name: 'Ours' })
    stage.input({ type: 'disconnected', connection: 1 })
    for (let n = 2; n < 1200; n++) {
      stage.player(n, `stranger-${n}`)
      stage.input({ type: 'disconnected', connection: n })
    }
    const clients = groups(stage).flatMap((group) => group.clients)
    expect(clients.length).to.be.at.most(1000)
    expect(clients.map(({ name }) => name)).to.include('Ours')
  })
})

describe('Volume', () => {
  it('is set for a group with one command to each player, and shown to controllers', () => {
    const stage = playing()
    stage.message(2, { type: 'client/state', payload: { player: { volume: 70 } } })
    stage.clearHeard()
    stage.message(1, { type: 'client/command', payload: { controller: { command: 'volume', volume: 90 } } })
    expect(volumeCommands(stage)).to.deep.equal([
      [1, { command: 'volume', volume: 80 }],
      [2, { command: 'volume', volume: 100 }],
    ])
    expect(controllerState(stage.messages(1))).to.include({ volume: 90, muted: false })
    stage.message(1, { type: 'client/command', payload: { controller: { command: 'mute', mute: true } } })
    expect(controllerState(stage.messages(1))).to.include({ volume: 90, muted: true })
  })

  it('is not offered, nor sent, where no player lets it be set', () => {
    const stage = new Stage()
    stage.player(1, 'amp', { roles: ['player@v1', 'controller@v1'], state: { supported_commands: [] } })
    const shown = controllerState(stage.messages(1))!
    expect(shown).to.include({ volume: 100, muted: false })
    expect(shown.supported_commands).to.not.include.members(['volume'])
    expect(stage.command({ command: 'setVolume', client: 'amp', volume: 10 })).to.contain('does not let')
    expect(stage.command({ command: 'setMuted', client: 'amp', muted: true })).to.contain('does not let')
    expect(stage.command({ command: 'setGroupVolume', group: stage.group, volume: 10 })).to.contain('no player')
    expect(stage.command({ command: 'setGroupMuted', group: stage.group, muted: true })).to.contain('no player')
    expect(stage.command({ command: 'setOutputDelay', client: 'amp', outputDelayMs: 10 })).to.contain('does not let')
    expect(volumeCommands(stage)).to.deep.equal([])
  })

  it('is set for one client, and its output delay under the name the client knows', () => {
    const stage = new Stage()
    stage.player(1, 'new', { state: { supported_commands: ['volume', 'mute', 'set_output_delay'] } })
    stage.player(2, 'old', { state: { supported_commands: ['set_static_delay'] } })
    stage.command({ command: 'setVolume', client: 'new', volume: 10 })
    stage.command({ command: 'setMuted', client: 'new', muted: true })
    stage.command({ command: 'setOutputDelay', client: 'new', outputDelayMs: 120 })
    stage.command({ command: 'setOutputDelay', client: 'old', outputDelayMs: 130 })
    expect(volumeCommands(stage)).to.deep.equal([
      [1, { command: 'volume', volume: 10 }],
      [1, { command: 'mute', mute: true }],
      [1, { command: 'set_output_delay', output_delay_ms: 120 }],
      [2, { command: 'set_static_delay', static_delay_ms: 130 }],
    ])
  })
})

describe('Session', () => {
  const hello = (id: string, supported_roles = ['player@v1', 'unheard_of@v7', '_test_lamp@v1', '_other@v1']) =>
    ({ type: 'client/hello', payload: { client_id: id, name: id, version: 1, supported_roles } }) as const

  it('answers a hello with the roles both sides have, and reports those of the future', () => {
    const stage = new Stage()
    stage.input({ type: 'connected', connection: 1 })
    stage.message(1, hello('x'))
    expect(stage.messages(1)[0]).to.deep.equal({
      type: 'server/hello',
      payload: {
        server_id: 'server-1',
        name: 'Test server',
        version: 1,
        active_roles: ['player@v1', '_test_lamp@v1'],
        connection_reason: 'discovery',
      },
    })
    expect(stage.events).to.deep.include({ type: 'rolesUnknown', client: 'x', roles: ['unheard_of@v7'] })
  })

  it('hands the words of an application’s own role on, with the name of who said them', () => {
    const stage = new Stage()
    stage.input({ type: 'connected', connection: 1 })
    const message = { type: 'client/_test_lamp', payload: { colour: 'red' } }
    stage.input({ type: 'appMessage', connection: 1, message })
    stage.message(1, hello('x'))
    stage.input({ type: 'appMessage', connection: 1, message })
    expect(stage.events.filter((event) => event.type === 'appMessage')).to.deep.equal([
      { type: 'appMessage', client: 'x', message },
    ])
  })

  it('answers the clock at once, with the time the question came', () => {
    const stage = new Stage()
    stage.input({ type: 'connected', connection: 1 })
    stage.message(1, hello('x'))
    stage.message(1, { type: 'client/time', payload: { client_transmitted: 77 } })
    expect(stage.times[0]).to.deep.include({
      connection: 1,
      clientTransmitted: 77,
      serverReceived: Math.round(stage.nowUs),
    })
  })

  it('sends neither audio nor commands before the client has reported itself', () => {
    const stage = new Stage()
    stage.tracks.set('a', { frames: 60 * second })
    stage.player(1, 'kitchen')
    stage.play('a')
    stage.input({ type: 'connected', connection: 2 })
    stage.message(2, {
      type: 'client/hello',
      payload: {
        ...hello('y').payload,
        'player@v1_support': {
          supported_formats: [{ codec: 'opus', sample_rate: 48_000, channels: 2, bit_depth: 16 }],
          buffer_capacity: 1e6,
          supported_commands: ['volume'],
        },
      },
    })
    stage.run(3000)
    stage.command({ command: 'setGroupVolume', group: stage.group, volume: 10 })
    expect(stage.audio(2)).to.be.empty
    expect(volumeCommands(stage).map(([connection]) => connection)).to.deep.equal([1])
    stage.message(2, { type: 'client/state', payload: { player: { state: 'synchronized', volume: 5 } } })
    stage.run(1000)
    expect(stage.audio(2)).to.not.be.empty
  })

  it('ends a connection that begins without a hello, and forgets what it says afterwards', () => {
    const stage = new Stage()
    stage.input({ type: 'connected', connection: 1 })
    stage.message(1, { type: 'client/time', payload: { client_transmitted: 1 } })
    stage.message(1, hello('x'))
    expect(stage.closes).to.have.length(1)
    expect(stage.closes[0]).to.include({ connection: 1, mayRedial: false })
    expect(stage.messages(1)).to.deep.equal([])
  })

  it('lets a second hello pass without effect', () => {
    const stage = new Stage()
    stage.player(1, 'kitchen')
    stage.message(1, hello('other'))
    expect(stage.closes).to.deep.equal([])
    expect(groups(stage)[0]!.clients.map(({ id }) => id)).to.deep.equal(['kitchen'])
  })

  it('gives way to a newer connection of the same client', () => {
    const stage = playing()
    stage.player(9, 'bath')
    expect(stage.closes[0]).to.include({ connection: 2, closeCode: 4409, mayRedial: false })
    stage.input({ type: 'disconnected', connection: 2 })
    stage.run(2000)
    expect(groupOf(stage, 'bath').clients.find(({ id }) => id === 'bath')!.isConnected).to.equal(true)
    expect(stage.audio(9)).to.not.be.empty
  })

  it('closes after a goodbye, and says whether to dial again', () => {
    for (const [reason, mayRedial] of [
      ['restart', true],
      ['user_request', false],
      ['another_server', false],
    ] as const) {
      const stage = playing()
      stage.message(2, { type: 'client/goodbye', payload: { reason } })
      expect(stage.closes[0]).to.include({ connection: 2, closeCode: 1000, mayRedial })
      expect(stage.events).to.deep.include({ type: 'clientLeft', client: 'bath', name: 'Room bath', reason })
    }
  })

  it('changes a player’s format where its last chunk ended, on the same timeline', () => {
    for (const [from, to] of [
      ['opus', 'pcm'],
      ['pcm', 'opus'],
      ['flac', 'opus'],
      ['opus', 'pcm/44100'],
    ] as const) {
      const stage = new Stage()
      stage.tracks.set('a', { frames: 60 * second })
      stage.player(1, 'hall', { formats: [from, to] })
      stage.play('a')
      stage.run(8000)
      const [codec, rate = '48000'] = to.split('/')
      stage.message(1, {
        type: 'stream/request-format',
        payload: { player: { codec: codec!, sample_rate: Number(rate) } },
      })
      const lastOld = stage.audio(1).at(-1)!
      const origin = originOf(stage, 1)
      stage.clearHeard()
      stage.run(8000)
      expect(streamMessages(stage, 1)).to.deep.equal(['stream/start'])
      const later = stage.audio(1)
      // What was sent until the new encoder was there is still the old format, without a seam.
      const started = stage.heard.findIndex(({ message }) => message?.type === 'stream/start')
      const old = [lastOld, ...stage.heard.slice(0, started).flatMap(({ audio }) => audio ?? [])].at(-1)!
      const first = later.find((chunk) => chunk.timestamp >= old.endAt - 32)!
      expect(first.timestamp - old.endAt).to.be.within(-32, 1)
      if (rate === '48000') expect(originOf(stage, 1)).to.be.closeTo(origin, 1.5)
    }
  })

  it('ignores a request for a format the player does not have', () => {
    const stage = playing()
    stage.message(1, { type: 'stream/request-format', payload: { player: { codec: 'flac' } } })
    stage.run(1000)
    expect(streamMessages(stage, 1)).to.deep.equal([])
  })

  it('stops for a congested connection, and catches up without a flood of late audio', () => {
    const stage = playing()
    stage.input({ type: 'congestion', connection: 2, isCongested: true })
    stage.run(20_000)
    expect(stage.audio(2)).to.be.empty
    stage.input({ type: 'congestion', connection: 2, isCongested: false })
    stage.run(1000)
    const resumed = stage.heard.filter(({ connection, audio }) => connection === 2 && audio)
    expect(resumed[0]!.audio!.timestamp).to.be.above(resumed[0]!.at)
    expect(originOf(stage, 2)).to.be.closeTo(originOf(stage, 1), 1.5)
    const fellBehind = stage.events.filter((event) => event.type === 'playerFellBehind')
    expect(fellBehind).to.have.length(1)
    expect(isSeamless(stage, 1)).to.equal(true)
  })

  it('obeys every command of a controller', () => {
    const stage = new Stage()
    stage.tracks.set('a', { frames: 60 * second })
    stage.tracks.set('b', { frames: 60 * second })
    stage.player(1, 'kitchen', { roles: ['player@v1', 'controller@v1'] })
    stage.play('a', 'b')
    stage.run(3000)
    const say = (controller: object): void =>
      stage.message(1, { type: 'client/command', payload: { controller } as never })
    say({ command: 'repeat_one' })
    say({ command: 'shuffle' })
    expect(controllerState(stage.messages(1))).to.include({ repeat: 'one', shuffle: true, seek_max_ms: 60_000 })
    say({ command: 'repeat_off' })
    say({ command: 'unshuffle' })
    expect(groups(stage)[0]).to.include({ repeat: 'off', shuffle: false })
    say({ command: 'seek', position_ms: 30_000 })
    say({ command: 'seek_relative', offset_ms: -10_000 })
    expect(groups(stage)[0]!.positionMs).to.equal(20_000)
    say({ command: 'next' })
    say({ command: 'previous' })
    say({ command: 'pause' })
    expect(groups(stage)[0]!.state).to.equal('paused')
    say({ command: 'play' })
    expect(groups(stage)[0]!.state).to.equal('playing')
    say({ command: 'stop' })
    expect(groups(stage)[0]!.state).to.equal('stopped')
    say({ command: 'switch' })
    expect(groups(stage)).to.have.length(1)
  })

  it('plays the track it is pointed at, and moves tracks about', () => {
    const stage = new Stage()
    stage.tracks.set('a', { frames: 60 * second })
    stage.tracks.set('b', { frames: 60 * second })
    stage.player(1, 'kitchen')
    stage.command({ command: 'addTracks', group: stage.group, tracks: [{ location: 'a' }, { location: 'b' }] })
    const [a, b] = stage.answers.at(-1)!.result!.entries!
    expect(stage.command({ command: 'play', group: stage.group, entry: b! })).to.equal(undefined)
    stage.run(2000)
    expect(groups(stage)[0]!.current).to.equal(b)
    expect(runsOf(stage.audio(1)).map(({ track }) => track))
      .to.include('b')
      .and.not.include('a')
    stage.command({ command: 'moveTrack', group: stage.group, entry: b!, to: 0 })
    expect(groups(stage)[0]!.queue.map(({ id }) => id)).to.deep.equal([b, a])
    for (const command of ['removeTrack', 'play', 'moveTrack'] as const) {
      expect(stage.command({ command, group: stage.group, entry: 'ghost', to: 0 } as never)).to.contain(
        'no entry ghost',
      )
    }
    for (const tracks of [Array(10_000).fill({ location: 'a' }), Array(10_000).fill({ location: 'a' })]) {
      stage.command({ command: 'addTracks', group: stage.group, tracks })
    }
    expect(stage.answers.at(-1)!.problem).to.contain('20000')
    expect(stage.command({ command: 'moveClient', client: 'ghost', group: stage.group })).to.contain('no client ghost')
  })

  it('takes no commands from a client without the controller role', () => {
    const stage = playing()
    stage.message(2, { type: 'client/command', payload: { controller: { command: 'stop' } } })
    expect(groups(stage)[0]!.state).to.equal('playing')
  })

  it('keeps the position of what plays up to date for a display, without repeating itself', () => {
    const stage = playing()
    stage.run(30_000)
    expect(stage.messages(1, 'server/state')).to.deep.equal([])
    stage.command({ command: 'pause', group: stage.group })
    const told = stage.messages(1, 'server/state').at(-1)!
    const progress = told.type === 'server/state' ? told.payload.metadata!.progress : undefined
    expect(progress!.playback_speed).to.equal(0)
    expect(progress!.track_progress).to.be.closeTo(34_400, 200)
    expect(progress!.track_duration).to.equal(300_000)
  })

  it('survives any order of messages and inputs', () => {
    const stage = new Stage()
    const messages = [
      hello('x'),
      { type: 'client/state', payload: {} },
      { type: 'client/state', payload: { state: 'external_source' } },
      { type: 'client/time', payload: { client_transmitted: 1 } },
      { type: 'client/command', payload: { controller: { command: 'switch' } } },
      { type: 'client/command', payload: {} },
      { type: 'stream/request-format', payload: { player: { codec: 'opus' } } },
      { type: 'stream/request-format', payload: {} },
      { type: 'client/goodbye', payload: { reason: 'shutdown' } },
    ] as const
    let seed = 7
    const pick = (n: number): number => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % n
    }
    for (let i = 0; i < 20_000; i++) {
      const connection = pick(4)
      const what = pick(14)
      if (what < 9) stage.message(connection, messages[what]!)
      else if (what < 11) stage.input({ type: 'connected', connection })
      else if (what === 11) stage.input({ type: 'disconnected', connection })
      else if (what === 12) stage.input({ type: 'congestion', connection, isCongested: pick(2) === 0 })
      else stage.run(pick(200))
    }
    expect(groups(stage).flatMap((group) => group.clients).length).to.equal(1)
  })
})
