/** A session's frames over the browser's own WebSocket. */
import type { Attach, Ending, Frame, Transport } from '@tutti/protocol'
import type { BrowserClock } from './browser-clock.js'

/** A player says little; a server that reads none of it is dead. */
const mostBufferedBytes = 262_144
/** What browsers may close with is 1000 and what begins with 3 or 4 (WebSockets Standard, `close`). */
const closable = (code: number): number => (code === 1000 || code >= 3000 ? code : 4000)

export function dialWebSocket(url: string, attach: Attach, clock: BrowserClock): Transport {
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  let ourEnding: Ending | undefined
  const transport: Transport = {
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    send(frame) {
      if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > mostBufferedBytes) return false
      socket.send(frame as string | Uint8Array<ArrayBuffer>)
      return true
    },
    batch: (run) => run(),
    close(code, reason) {
      if (ourEnding !== undefined || socket.readyState === WebSocket.CLOSED) return
      ourEnding = { by: 'us', code, reason }
      socket.close(closable(code), reason)
    },
  }
  const listener = attach(transport)
  socket.onopen = () => listener.opened?.()
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    const at = clock.now()
    const frame: Frame = typeof data === 'string' ? data : new Uint8Array(data)
    if (ourEnding === undefined) listener.received(frame, at)
  }
  socket.onclose = ({ code, reason }) =>
    listener.closed(ourEnding ?? { by: code === 1006 ? 'network' : 'peer', code, reason })
  return transport
}
