/** What a WebSocket of the control API is told: the status, then each change of it, readings and events as they come. */
import type { RawData, WebSocket } from 'ws'
import type { Reading } from '../telemetry-history.js'
import type { Outcome } from './command-desk.js'
import type { Controls } from './controls.js'

/** A subscriber that leaves so much unread is gone or asleep. */
const mostUnreadBytes = 4 * 2 ** 20
/** Changes that come together are told together. */
const statusDelayMs = 50
/** How often new readings of rooms are passed on. */
const readingsEveryMs = 1_000

/** Until the socket closes. `obey` carries out what is sent on it. */
export function feedEvents(controls: Controls, webSocket: WebSocket, obey: (text: string) => Promise<Outcome>): void {
  let timer: NodeJS.Timeout | undefined
  let told = new Set<Reading>()
  const send = (message: object): void => {
    if (webSocket.bufferedAmount > mostUnreadBytes) webSocket.terminate()
    else webSocket.send(JSON.stringify(message), () => undefined) // a failure is followed by `close`
  }
  const sendStatus = (): void => {
    timer = undefined
    send({ type: 'status', status: controls.status() })
  }
  const sendReadings = (): void => {
    const latest = controls.readings()
    const readings = latest.filter((reading) => !told.has(reading))
    told = new Set(latest)
    if (readings.length > 0) send({ type: 'readings', readings })
  }
  const unsubscribe = controls.subscribe((event) => {
    if (event.type === 'changed') timer ??= setTimeout(sendStatus, statusDelayMs)
    else send({ type: 'event', event })
  })
  const readingsTimer = setInterval(sendReadings, readingsEveryMs)
  webSocket.on('message', (data: RawData) => {
    void obey(data.toString()).then((outcome) => send({ type: 'answer', ...outcome }))
  })
  webSocket.on('error', () => webSocket.terminate())
  webSocket.once('close', () => {
    clearTimeout(timer)
    clearInterval(readingsTimer)
    unsubscribe()
  })
  sendStatus()
  sendReadings()
}
