/**
 * How steadily a named pipe is played whose writer's crystal is off, in real time: `node bench/live-fifo.mjs [seconds]
 * [ppm]` after a build. The writer turns a signal in the plane of left and right, so that every block read tells which
 * frame of the writer it begins with, and with it how long ago that was written.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { createOpenSource } from '@tutti/server/node'

const [seconds = 60, ppm = 80] = process.argv.slice(2).map(Number)
const rate = 48_000
const turnFrames = 24_000
const latencyMs = 200
const nowMs = () => Number(process.hrtime.bigint()) / 1e6

/** Frames due by its own crystal, every 20 ms or when the system lets it. */
const writer = `
const fs = require('node:fs')
const pipe = fs.openSync(process.argv[1], 'w')
const now = () => Number(process.hrtime.bigint()) / 1e6
const start = now()
console.log(start)
let frame = 0
setInterval(() => {
  const due = Math.floor((now() - start) * ${(rate / 1000) * (1 + ppm * 1e-6)})
  const bytes = Buffer.alloc((due - frame) * 4)
  for (let i = 0; frame < due; frame++, i += 4) {
    const angle = (2 * Math.PI * (frame % ${turnFrames})) / ${turnFrames}
    bytes.writeInt16LE(Math.round(30000 * Math.cos(angle)), i)
    bytes.writeInt16LE(Math.round(30000 * Math.sin(angle)), i + 2)
  }
  if (bytes.length > 0) fs.writeSync(pipe, bytes)
}, 20)
`

const folder = mkdtempSync(join(tmpdir(), 'tutti-'))
const path = join(folder, 'fifo')
execFileSync('mkfifo', [path])
const open = createOpenSource(undefined, { allowsPrograms: true, onProblem: console.error })
const source = await open(`fifo:${path}?rate=${rate}&latency=${latencyMs}`, 0)
const child = spawn(process.execPath, ['-e', writer, path], { stdio: ['ignore', 'pipe', 'inherit'] })
const startMs = await new Promise((resolve) => child.stdout.once('data', (text) => resolve(Number(text))))

const ages = []
let gaps = 0
let readFromMs = nowMs()
let toldS = 0
/** How late this process was at the reads of the last second: never early, so the least tells a timeline that moved. */
let latenessMs = []
let standstills = 0
for (let frames = 0; frames < seconds * rate; ) {
  const audio = await source.read()
  latenessMs.push(nowMs() - (readFromMs + (frames * 1000) / rate))
  if (latenessMs.length === 200) {
    const movedMs = Math.min(...latenessMs)
    latenessMs = []
    if (movedMs > 20) {
      standstills++
      readFromMs += movedMs
      console.log(`this process stood still: ${movedMs.toFixed(0)} ms of the timeline were left out`)
    }
  }
  const dueMs = readFromMs + (frames * 1000) / rate
  frames += audio.length
  await setImmediate() // as in the server: pipes are looked at between blocks
  const [left, right] = [audio.getChannelData(0)[0], audio.getChannelData(1)[0]]
  const level = Math.hypot(left, right)
  if (level < 0.9) {
    if (ages.length > 0) gaps++
    continue
  }
  const phase = ((Math.atan2(right, left) / (2 * Math.PI)) * turnFrames + turnFrames) % turnFrames
  const written = ((dueMs - startMs) * rate * (1 + ppm * 1e-6)) / 1000
  ages.push((((((written - phase) % turnFrames) + turnFrames) % turnFrames) / rate) * 1000)
  if (frames < (toldS + 10) * rate) continue
  toldS += 10
  console.log(`${toldS} s: ${ages.at(-1).toFixed(2)} ms after it was written`)
}
child.kill()
await source.close()
rmSync(folder, { recursive: true })

const sorted = [...ages].sort((a, b) => a - b)
const at = (share) => sorted[Math.floor(share * (sorted.length - 1))].toFixed(2)
console.log(
  `${seconds} s, writer ${ppm} ppm fast, target ${latencyMs} ms: age ${at(0)} … ${at(0.5)} … ${at(1)} ms, ${gaps} silent blocks, ${standstills} standstills`,
)
