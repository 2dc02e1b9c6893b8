/** A room as snapclient is, on the wire: a header of 26 bytes, little-endian, before every message. */
import { nowUs } from './notebook.mjs'
import { openRoomSocket } from './room-socket.mjs'

const headerBytes = 26
const types = { chunk: 2, time: 4, hello: 5 }
const bufferUs = 1_000_000 // servers.mjs

export class SnapcastRoom {
  isPlaying = false
  #socket
  #notebook
  #lastId = 0
  /** When the requests not answered yet were sent, by their id. */
  #sentAtUs = new Map()

  constructor(port, number, probesPerS, notebook) {
    this.#notebook = notebook
    this.probesPerS = probesPerS
    this.#socket = openRoomSocket(
      port,
      () => this.#greet(number),
      () => notebook.read(),
      (bytes, at) => this.#consume(bytes, at),
    )
    this.#socket.once('close', () => {
      this.isPlaying = false
    })
  }

  #consume(bytes, at) {
    if (bytes.length - at < headerBytes + 8) return undefined // no message has a shorter payload than a time
    const type = bytes.readUInt16LE(at)
    if (type === types.chunk) {
      this.isPlaying = true
      this.#notebook.chunk(timeAt(bytes, at + headerBytes) + bufferUs, nowUs())
    } else if (type === types.time) {
      const sentAtUs = this.#sentAtUs.get(bytes.readUInt16LE(at + 4))
      this.#sentAtUs.delete(bytes.readUInt16LE(at + 4))
      this.#notebook.exchange(timeAt(bytes, at + 6) - timeAt(bytes, at + 14), nowUs() - sentAtUs)
    }
    return headerBytes + bytes.readUInt32LE(at + 22)
  }

  #greet(number) {
    const hello = JSON.stringify({
      MAC: `02:00:00:00:${hex(number >> 8)}:${hex(number & 255)}`,
      HostName: `room-${number}`,
      Version: '0.26.0',
      ClientName: 'Snapclient',
      OS: 'Linux',
      Arch: 'x86_64',
      Instance: 1,
      ID: `room-${number}`,
      SnapStreamProtocolVersion: 2,
    })
    const payload = Buffer.alloc(4 + hello.length)
    payload.writeUInt32LE(hello.length)
    payload.write(hello, 4)
    this.#send(types.hello, payload)
    this.#probe()
  }

  /** As often as the other kind of room, and as irregularly; a real snapclient asks once a second. */
  #probe() {
    if (this.#socket.destroyed) return
    this.#sentAtUs.set(this.#send(types.time, Buffer.alloc(8)), nowUs())
    setTimeout(() => this.#probe(), (1000 / this.probesPerS) * (0.75 + 0.5 * Math.random()))
  }

  #send(type, payload) {
    this.#lastId = (this.#lastId % 9999) + 1
    const at = nowUs()
    const message = Buffer.alloc(headerBytes + payload.length)
    message.writeUInt16LE(type, 0)
    message.writeUInt16LE(this.#lastId, 2)
    message.writeInt32LE(Math.floor(at / 1e6), 6)
    message.writeInt32LE(at % 1e6, 10)
    message.writeUInt32LE(payload.length, 22)
    payload.copy(message, headerBytes)
    this.#socket.write(message)
    return this.#lastId
  }
}

function timeAt(bytes, at) {
  return bytes.readInt32LE(at) * 1e6 + bytes.readInt32LE(at + 4)
}

function hex(byte) {
  return byte.toString(16).padStart(2, '0')
}
