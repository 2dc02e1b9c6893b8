/** The built page, from memory: a handful of files, compressed once, told to load nothing from elsewhere. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

interface PageFile {
  readonly type: string
  readonly bytes: Buffer
  readonly zipped: Buffer
  readonly etag: string
  /** Its name changes with its content. */
  readonly isImmutable: boolean
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

export class PageFiles {
  readonly #files = new Map<string, PageFile>()

  /** @throws Error with a line for people when there is no page in `folder` */
  static async load(folder: string): Promise<PageFiles> {
    const page = new PageFiles()
    const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []) // no folder, no page: said below
    for (const entry of names) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      const name = path.slice(folder.length).replaceAll('\\', '/').replace(/^\/*/, '/')
      const bytes = await readFile(path)
      page.#files.set(name, {
        type: types[extname(name)] ?? 'application/octet-stream',
        bytes,
        zipped: gzipSync(bytes, { level: 9 }),
        etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
        isImmutable: name.startsWith('/assets/'),
      })
    }
    const index = page.#files.get('/index.html')
    if (index === undefined) throw new Error(`there is no page in ${folder}; run npm run build`)
    page.#files.set('/', index)
    return page
  }

  private constructor() {}

  has(path: string): boolean {
    return this.#files.has(path)
  }

  /** @param path one that `has` */
  send(path: string, request: IncomingMessage, response: ServerResponse): void {
    const { type, bytes, zipped, etag, isImmutable } = this.#files.get(path)!
    const isZipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
    response.setHeader('Content-Type', type)
    response.setHeader('ETag', etag)
    response.setHeader('Vary', 'Accept-Encoding')
    response.setHeader('Cache-Control', isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    response.setHeader('Content-Security-Policy', policyFor(request.headers.host ?? ''))
    response.setHeader('X-Frame-Options', 'DENY')
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Referrer-Policy', 'no-referrer')
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304).end()
      return
    }
    const body = isZipped ? zipped : bytes
    if (isZipped) response.setHeader('Content-Encoding', 'gzip')
    response.setHeader('Content-Length', body.length)
    response.writeHead(200).end(request.method === 'HEAD' ? undefined : body)
  }
}

/** Everything from here; 'self' alone does not mean WebSockets to every browser. The decoder is WebAssembly. */
function policyFor(host: string): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}
