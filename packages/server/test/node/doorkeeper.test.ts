import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Doorkeeper, type DoorkeeperOptions, tokenCookie } from '../../src/node/doorkeeper.js'

function request(remoteAddress: string, headers: IncomingHttpHeaders = {}): IncomingMessage {
  return { socket: { remoteAddress }, headers } as IncomingMessage
}

const elsewhere = '192.168.1.7'

describe('Doorkeeper', () => {
  let folder: string
  let now: number
  let codes: string[]
  let problems: string[]

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-door-'))
    ;[now, codes, problems] = [1_000, [], []]
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const open = (options: Partial<DoorkeeperOptions> = {}): Promise<Doorkeeper> =>
    Doorkeeper.open({
      folder,
      admitsOthers: true,
      onCode: (code) => codes.push(code),
      onProblem: (problem) => problems.push(problem),
      now: () => now,
      ...options,
    })

  function pair(keeper: Doorkeeper, name = 'Phone'): { token: string; id: string } {
    const pairing = keeper.pair(keeper.code, name)
    if ('problem' in pairing) throw new Error(pairing.problem)
    return { token: pairing.token, id: pairing.browser.id }
  }
  const withCookie = (token: string): IncomingMessage => request(elsewhere, { cookie: `a=b; tutti=${token}` })

  it('lets this machine in at once, and nobody who asks through it on behalf of others', async () => {
    const keeper = await open()
    for (const address of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']) {
      expect(keeper.identify(request(address)).kind, address).to.equal('local')
    }
    for (const address of [elsewhere, '::ffff:192.168.1.7', 'fe80::1', '']) {
      expect(keeper.identify(request(address)).kind, address).to.equal('stranger')
    }
    expect(keeper.identify(request('127.0.0.1', { 'x-forwarded-for': elsewhere })).kind).to.equal('stranger')
    expect(keeper.identify(request('::1', { forwarded: `for=${elsewhere}` })).kind).to.equal('stranger')
  })

  it('knows a browser by its cookie and a program by its token, once they have shown the code', async () => {
    const keeper = await open()
    expect(codes).to.deep.equal([keeper.code])
    expect(keeper.code).to.match(/^\d{6}$/)
    const { token, id } = pair(keeper)
    expect(keeper.identify(withCookie(token))).to.deep.equal({ kind: 'paired', browser: id })
    const bearer = request(elsewhere, { authorization: `Bearer ${token}` })
    expect(keeper.identify(bearer)).to.deep.equal({ kind: 'paired', browser: id })
    expect(keeper.identify(withCookie(`${token.slice(1)}A`)).kind).to.equal('stranger')
    expect(tokenCookie(token)).to.contain('HttpOnly').and.to.contain('SameSite=Strict')
  })

  it('takes a code however it is spaced, and once only', async () => {
    const keeper = await open()
    const { code } = keeper
    expect(keeper.pair(`${code.slice(0, 3)} ${code.slice(3)}`, 'Phone')).to.have.property('token')
    expect(keeper.code).to.not.equal(code)
    expect(codes.at(-1)).to.equal(keeper.code)
  })

  it('closes after five wrong codes, longer each time, and with another code then', async () => {
    const keeper = await open()
    const wrong = (): string => (keeper.code === '000000' ? '000001' : '000000')
    let pauses = 0
    for (let pauseS = 30; pauses < 3; pauses++, pauseS *= 2) {
      const before = keeper.code
      for (let n = 0; n < 5; n++) expect(keeper.pair(wrong(), 'Thief')).to.have.property('problem')
      expect(keeper.code).to.not.equal(before)
      now += pauseS - 1
      const refusal = keeper.pair(keeper.code, 'Thief')
      expect('problem' in refusal && refusal.problem).to.contain('in 1 s')
      now += 1
    }
    expect(keeper.pair(keeper.code, 'Phone')).to.have.property('token')
  })

  it('remembers browsers over a restart, as hashes that only their owner can read', async () => {
    const first = await open()
    const { token, id } = pair(first, 'Phone')
    await first.flush()
    const file = join(folder, 'browsers.json')
    expect(await readFile(file, 'utf8')).to.not.contain(token)
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o077).to.equal(0)
    const second = await open()
    expect(second.identify(withCookie(token))).to.deep.equal({ kind: 'paired', browser: id })
    expect(second.browsers).to.deep.equal([{ id, name: 'Phone', pairedAt: 1_000, lastSeenAt: 1_000 }])
  })

  it('knows a revoked browser no more, nor after a restart', async () => {
    const keeper = await open()
    const { token, id } = pair(keeper)
    expect(keeper.revoke(id)).to.equal(true)
    expect(keeper.revoke(id)).to.equal(false)
    expect(keeper.identify(withCookie(token)).kind).to.equal('stranger')
    await keeper.flush()
    expect((await open()).identify(withCookie(token)).kind).to.equal('stranger')
  })

  it('keeps at most 200 browsers: the one not seen for longest has to pair again', async () => {
    const keeper = await open()
    const tokens: string[] = []
    for (let n = 0; n <= 200; n++, now++) tokens.push(pair(keeper, `Browser ${n}`).token)
    expect(keeper.browsers).to.have.length(200)
    expect(keeper.identify(withCookie(tokens[0]!)).kind).to.equal('stranger')
    expect(keeper.identify(withCookie(tokens[1]!)).kind).to.equal('paired')
    await keeper.flush()
  })

  it('lets nobody else in where it is told so, whatever they were given before', async () => {
    const keeper = await open()
    const { token } = pair(keeper)
    await keeper.flush()
    codes = []
    const closed = await open({ admitsOthers: false })
    expect(codes).to.deep.equal([])
    expect(closed.identify(withCookie(token)).kind).to.equal('stranger')
    expect(closed.pair(closed.code, 'Phone')).to.have.property('problem')
  })

  it('says when it cannot read who was paired, and goes on with nobody', async () => {
    await writeFile(join(folder, 'browsers.json'), '{"browsers": 7}')
    expect((await open()).browsers).to.deep.equal([])
    expect(problems).to.have.length(1)
  })
})
