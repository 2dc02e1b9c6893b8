/** A room as our players are, on the wire (Sendspin over a WebSocket, RFC 6455). */
import { nowUs } from './notebook.mjs'
import { openRoomSocket } from './room-socket.mjs'

const text = 1
const binary = 2
const ping = 9
/** Header byte, length, and of an audio message its kind and timestamp. */
const mostHeadBytes = 4 + 9

export class SendspinRoom {
  isPlaying = false
  #socket
  #notebook
  #upgraded = false

  constructor(port, number, probesPerS, notebook) {
    this.#notebook = notebook
    this.#socket = openRoomSocket(
      port,
      () => this.#socket.write(upgrade),
      () => notebook.read(),
      (bytes, at) => this.#consume(bytes, at),
    )
    this.number = number
    this.probesPerS = probesPerS
    this.#socket.once('close', () => {
      this.isPlaying = false
    })
  }

  #consume(bytes, at) {
    if (!this.#upgraded) return this.#upgrade(bytes)
    if (bytes.length - at < 2) return undefined
    const kind = bytes[at] & 0x0f
    const short = bytes[at + 1]
    const head = short < 126 ? 2 : 4 // no frame here is longer than 64 KiB
    const isWhole = bytes.length - at >= (kind === binary ? mostHeadBytes : head)
    if (!isWhole) return undefined
    const length = short < 126 ? short : bytes.readUInt16BE(at + 2)
    const end = head + length
    if (kind === binary) {
      this.isPlaying = true
      this.#notebook.chunk(Number(bytes.readBigInt64BE(at + head + 1)), nowUs())
      return end
    }
    if (bytes.length - at < end) return undefined
    if (kind === text) this.#hear(bytes.toString('latin1', at + head, at + end))
    if (kind === ping) this.#socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]))
    return end
  }

  #upgrade(bytes) {
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    this.#upgraded = true
    this.#say('client/hello', {
      client_id: `room-${this.number}`,
      name: `Room ${this.number}`,
      version: 1,
      supported_roles: ['player@v1', 'metadata@v1'],
      'player@v1_support': {
        supported_formats: [{ codec: 'opus', channels: 2, sample_rate: 48_000, bit_depth: 16 }],
        buffer_capacity: 2_000_000,
        supported_commands: ['volume', 'mute'],
      },
    })
    const player = { volume: 80, muted: false, static_delay_ms: 0, required_lead_time_ms: 300, min_buffer_ms: 250 }
    this.#say('client/state', { state: 'synchronized', player })
    this.#probe()
    return end + 4
  }

  /** Intervals vary by a quarter, as those of ProbeSchedule do. */
  #probe() {
    if (this.#socket.destroyed) return
    this.#say('client/time', { client_transmitted: nowUs() })
    setTimeout(() => this.#probe(), (1000 / this.probesPerS) * (0.75 + 0.5 * Math.random()))
  }

  #hear(json) {
    const at = nowUs()
    if (!json.includes('"server/time"')) return
    const { client_transmitted, server_received, server_transmitted } = JSON.parse(json).payload
    this.#notebook.exchange(server_transmitted - server_received, at - client_transmitted)
  }

  #say(type, payload) {
    const body = Buffer.from(JSON.stringify({ type, payload }))
    const head = body.length < 126 ? [0x81, 0x80 | body.length] : [0x81, 0xfe, body.length >> 8, body.length & 0xff]
    // Masked, as it must be, with a key of zeros, which leaves everything as it is.
    this.#socket.write(Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), body]))
  }
}

const upgrade = [
  'GET /sendspin HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '\r\n',
].join('\r\n')
