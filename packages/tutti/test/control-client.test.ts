import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { Complaint } from '../src/complaint.js'
import { askCoordinator } from '../src/control-client.js'

describe('askCoordinator', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  const serve = async (answer: RequestListener): Promise<{ readonly host: string; readonly port: number }> => {
    server = createServer(answer).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  }
  const complaintOf = async (asked: Promise<unknown>): Promise<string> => {
    const error = await asked.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).to.be.instanceOf(Complaint)
    return (error as Complaint).message
  }

  it('brings the token and what is asked, and returns the answer', async () => {
    let asked: IncomingMessage | undefined
    const where = await serve((request, response) => {
      asked = request
      request.pipe(response)
    })
    const body = { command: 'pause' }
    expect(
      await askCoordinator({ ...where, token: 'secret' }, '/api/commands', { method: 'POST', body }),
    ).to.deep.equal(body)
    expect(asked!.headers).to.include({ authorization: 'Bearer secret', 'content-type': 'application/json' })
    expect(asked!.url).to.equal('/api/commands')
  })

  it('says what is in the way: nobody there, somebody else, no token, a refusal', async () => {
    const elsewhere = await serve((_, response) => response.end('<html>'))
    expect(await complaintOf(askCoordinator(elsewhere, '/api/status'))).to.contain('is this a Tutti coordinator?')
    server!.close()
    const locked = await serve((_, response) => response.writeHead(401).end('{"error":{"message":"pair first"}}'))
    expect(await complaintOf(askCoordinator(locked, '/api/status'))).to.contain('tutti pair --help')
    server!.close()
    const strict = await serve((_, response) => response.writeHead(409).end('{"error":{"message":"no room Attic"}}'))
    expect(await complaintOf(askCoordinator(strict, '/api/commands'))).to.equal('no room Attic')
    server!.close()
    expect(await complaintOf(askCoordinator(strict, '/api/status'))).to.contain('is tutti serve running there?')
  })
})
