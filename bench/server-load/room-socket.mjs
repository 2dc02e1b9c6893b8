/** A TCP connection that costs the crowd little: all read into one buffer, and nothing is a stream. */
import { connect } from 'node:net'

/** Filled and dealt with at once, read by read, so that one will do for everybody. */
const shared = Buffer.alloc(2 ** 18)
const empty = Buffer.alloc(0)

/**
 * @param consume deals with the message at `at` and returns its length, which may be more than what is there now;
 *   undefined to be asked again once more has come
 */
export function openRoomSocket(port, opened, read, consume) {
  let rest = empty
  let toSkip = 0
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: shared,
      callback(length) {
        read()
        let bytes = shared.subarray(0, length)
        if (rest.length > 0) bytes = Buffer.concat([rest, bytes])
        let at = 0
        for (;;) {
          const skipped = Math.min(toSkip, bytes.length - at)
          at += skipped
          toSkip -= skipped
          if (toSkip > 0 || at === bytes.length) break
          const step = consume(bytes, at)
          if (step === undefined) break
          toSkip = step
        }
        rest = at === bytes.length ? empty : Buffer.from(bytes.subarray(at))
        return true
      },
    },
  })
  socket.once('connect', opened)
  socket.on('error', () => {})
  return socket
}
