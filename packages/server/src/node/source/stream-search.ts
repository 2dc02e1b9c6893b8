/** Finds out what is at an address: a station, a file, or a list that names some. */
import type { IncomingMessage } from 'node:http'
import { isHls, parseM3u, parsePls, playlistKind } from '../../playlist.js'
import { getResponse, type HttpResponse } from './http-response.js'
import { isUrl, SourceProblem } from './source-problem.js'

export type Found =
  /** Goes on for as long as the station does. */
  | { readonly kind: 'radio'; readonly response: HttpResponse }
  | { readonly kind: 'file'; readonly response: HttpResponse }
  /** Pieces of audio, in a list that may grow (RFC 8216). */
  | { readonly kind: 'hls'; readonly url: string }

const playlistTypes: Readonly<Record<string, 'm3u' | 'pls'>> = {
  'audio/x-mpegurl': 'm3u',
  'audio/mpegurl': 'm3u',
  'application/x-mpegurl': 'm3u',
  'application/vnd.apple.mpegurl': 'm3u',
  'audio/x-scpls': 'pls',
  'application/pls+xml': 'pls',
}
/** What is certainly not audio. Much that is comes as `application/octet-stream`, or as nothing. */
const notAudio = /^(?:text|image|font)\/|^application\/(?:json|xml|pdf|xhtml\+xml|zip)/
/** Lists that name lists are followed no deeper. */
const mostLists = 3
const mostMirrors = 5
const maxListBytes = 262_144

/** Rejects with a SourceProblem when there is nothing to hear. */
export function findStream(url: string, signal: AbortSignal): Promise<Found> {
  return search(url, signal, mostLists)
}

async function search(url: string, signal: AbortSignal, listsLeft: number): Promise<Found> {
  const response = await getResponse(url, signal)
  const { headers, mediaType: type, body } = response
  const isStation = headers['icy-metaint'] !== undefined || headers['icy-name'] !== undefined
  const ending = playlistKind(new URL(response.url).pathname)
  const list = playlistTypes[type] ?? (isStation || type.startsWith('audio/') ? undefined : ending)
  if (list === 'm3u' || list === 'pls') return followList(url, response, list, signal, listsLeft)
  if (notAudio.test(type)) {
    body.destroy()
    throw new SourceProblem(url, `is not audio but ${type}; look for the address of the stream itself.`)
  }
  return { kind: !isStation && headers['content-length'] !== undefined ? 'file' : 'radio', response }
}

async function followList(
  url: string,
  response: HttpResponse,
  kind: 'm3u' | 'pls',
  signal: AbortSignal,
  listsLeft: number,
): Promise<Found> {
  const text = await readText(url, response.body)
  if (isHls(text)) return { kind: 'hls', url: response.url }
  if (listsLeft === 0)
    throw new SourceProblem(url, 'is a list of lists of lists; give the address of the stream itself.')
  const entries = kind === 'm3u' ? parseM3u(text) : parsePls(text)
  const places = entries.map(({ place }) =>
    URL.canParse(place, response.url) ? new URL(place, response.url).href : '',
  )
  let problem: unknown = new SourceProblem(url, 'is a list without an address in it; look for another.')
  for (const place of places.filter(isUrl).slice(0, mostMirrors)) {
    try {
      return await search(place, signal, listsLeft - 1)
    } catch (error) {
      problem = error
      if (signal.aborted) break
    }
  }
  throw problem
}

async function readText(url: string, body: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk as Buffer)
      bytes += (chunk as Buffer).length
      if (bytes > maxListBytes) throw new SourceProblem(url, 'is too long for a list; check the address.')
    }
  } finally {
    body.destroy()
  }
  return Buffer.concat(chunks).toString('utf8')
}
