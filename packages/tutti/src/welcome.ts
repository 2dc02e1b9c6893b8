/** What someone who starts a server wants to know at once: where its page is, and how another device gets in. */
import { hostname, networkInterfaces } from 'node:os'
import { renderUnicodeCompact } from 'uqr'
import { path } from './coordinator.js'

interface Terminal {
  write(text: string): unknown
  readonly isTTY?: boolean
}

export class Welcome {
  readonly #name: string
  readonly #terminal: Terminal | undefined
  #code: string | undefined
  #port: number | undefined

  /** @param terminal undefined to say nothing */
  constructor(name: string, terminal: Terminal | undefined) {
    this.#name = name
    this.#terminal = terminal
  }

  /** A code that is new replaces the one before. */
  showCode(code: string): void {
    const isNew = this.#code !== undefined
    this.#code = code
    if (isNew && this.#port !== undefined) this.#terminal?.write(`The pairing code is ${spaced(code)} now.\n`)
  }

  /** @param host the interface it listens on */
  open(port: number, control: 'paired' | 'local' | 'none', host: string): void {
    this.#port = port
    const terminal = this.#terminal
    if (terminal === undefined) return
    const join = `join with: tutti join ws://${hostname()}:${port}${path}`
    terminal.write(`${this.#name} listens on port ${port}; ${join}\n`)
    if (control === 'none') return
    const others = reachableAt(host)
    const ways = [
      ...(others === host ? [] : [`http://127.0.0.1:${port}/ on this machine`]),
      ...(others === undefined || control === 'local' ? [] : [`${pageUrl(others, port)} on others`]),
    ]
    if (ways.length === 0) return
    terminal.write(`Its page: ${ways.join(', ')}`)
    if (control === 'local' || this.#code === undefined || others === undefined) {
      terminal.write('.\n')
      return
    }
    const url = pageUrl(others, port)
    terminal.write(`, with pairing code ${spaced(this.#code)}`)
    const isShown = terminal.isTTY === true
    terminal.write(isShown ? ` or this:\n\n${renderUnicodeCompact(`${url}#pair=${this.#code}`)}\n\n` : '.\n')
  }
}

/** This machine's IPv4 addresses that others may reach, those of home networks first. */
export function lanAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const outer = all.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address)
  const isHome = (address: string): boolean => /^(?:192\.168|10|172\.(?:1[6-9]|2\d|3[01]))\./.test(address)
  return outer.sort((a, b) => Number(isHome(b)) - Number(isHome(a)))
}

/** An address of this machine that others may reach; undefined when there is none. */
function reachableAt(host: string): string | undefined {
  if (host === '0.0.0.0' || host === '::') return lanAddresses()[0]
  const isLoopback = host === 'localhost' || host === '::1' || host.startsWith('127.')
  return isLoopback ? undefined : host
}

function pageUrl(address: string, port: number): string {
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}/`
}

function spaced(code: string): string {
  return `${code.slice(0, 3)} ${code.slice(3)}`
}
