/**
 * Keeps foreign web pages from operating the house through the browser of someone in it: a page may ask only the host
 * it came from, and that host may not be a name its author can point at us (DNS rebinding).
 */
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

/**
 * Why a request is refused, in one line; undefined when it is not. `ownNames` are host names this machine goes by;
 * `mayComeFromElsewhere` is for following a link, which is no request of the page it is on.
 */
export function findRefusal(
  headers: IncomingHttpHeaders,
  ownNames: readonly string[],
  mayComeFromElsewhere = false,
): string | undefined {
  const { host, origin } = headers
  const name = host === undefined ? undefined : hostName(host)
  if (name === undefined) return 'the request names no host'
  if (!isLocalName(name, ownNames))
    return `this machine is not called ${name}; use its address, or allow the name with --host-name`
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return `a page from ${origin} may not use this server`
  }
  const site = headers['sec-fetch-site']
  if (!mayComeFromElsewhere && site !== undefined && site !== 'same-origin' && site !== 'none')
    return 'a page from elsewhere may not use this server'
  return undefined
}

/**
 * Whether a request comes from a page of the wide web, which may not pose as a player or remote control. Pages from
 * addresses and names of the local network may: browser players are served from there.
 */
export function isForeignPage({ origin }: IncomingHttpHeaders, ownNames: readonly string[]): boolean {
  if (origin === undefined) return false
  const name = hostName(origin.replace(/^https?:\/\//, ''))
  return name === undefined || !(isLocalName(name, ownNames) || name.endsWith('.local'))
}

function isLocalName(name: string, ownNames: readonly string[]): boolean {
  return isIP(name) !== 0 || name === 'localhost' || ownNames.some((own) => own.toLowerCase() === name)
}

/** The name without its port, brackets and case; undefined when it is no host. */
function hostName(host: string): string | undefined {
  const [, name] = /^(\[[0-9a-f:.]+\]|[^:@/\s]+)(?::\d{1,5})?$/i.exec(host) ?? []
  return name?.replace(/^\[|\]$/g, '').toLowerCase()
}
