/** A radio station on this machine. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Answer = (response: ServerResponse, request: IncomingMessage) => void | Promise<void>

export interface Station {
  readonly url: (path: string) => string
  /** Requests so far, by path. */
  readonly requests: readonly string[]
  stop(): Promise<void>
}

/** Paths are as they are asked for; any other is a 404. */
export async function startStation(paths: Readonly<Record<string, Answer>>): Promise<Station> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url!)
    const answer = paths[request.url!]
    if (answer === undefined) response.writeHead(404).end()
    else void answer(response, request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Puts titles between the audio, each after `interval` bytes, the last one for ever. */
export function withTitles(audio: Uint8Array, interval: number, titles: readonly string[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0, n = 0; at < audio.length; at += interval, n++) {
    parts.push(audio.subarray(at, at + interval))
    const title = titles[n]
    const text = title === undefined ? Buffer.alloc(0) : Buffer.from(`StreamTitle='${title}';StreamUrl='';`)
    const units = Math.ceil(text.length / 16)
    parts.push(Uint8Array.of(units), text, new Uint8Array(units * 16 - text.length))
  }
  return Buffer.concat(parts)
}

export function repeated(bytes: Uint8Array, times: number): Uint8Array {
  return Buffer.concat(Array.from({ length: times }, () => bytes))
}
