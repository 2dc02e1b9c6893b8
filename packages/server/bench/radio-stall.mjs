/**
 * What is heard of a station that falls silent, in real time and with the patience people get: `node
 * bench/radio-stall.mjs [seconds of stall]` after a build. The station sends at the pace of its music, 4 s at once to
 * begin with, as stations do.
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { createOpenSource } from '@tutti/server/node'

const [stallS = 30] = process.argv.slice(2).map(Number)
const tone = await readFile(new URL('../test/source/fixtures/tone.mp3', import.meta.url))
const toneS = 1.2
const music = Buffer.concat(Array.from({ length: 100 }, () => tone))
const bytesPerS = tone.length / toneS
const burstS = 4
const playS = 8
const nowS = () => Number(process.hrtime.bigint()) / 1e9

const startedAt = nowS()
const stallFrom = startedAt + playS
let requests = 0
const server = createServer(async (_, response) => {
  requests++
  response.writeHead(200, { 'content-type': 'audio/mpeg' })
  for (let sentS = 0, from = nowS(); !response.destroyed; ) {
    const now = nowS()
    const isStalled = now >= stallFrom && now < stallFrom + stallS
    const dueS = burstS + now - from
    if (isStalled) from += 0.1
    else if (dueS > sentS) {
      response.write(music.subarray(Math.round(sentS * bytesPerS), Math.round(dueS * bytesPerS)))
      sentS = dueS
    }
    await pause(100)
  }
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const problems = []
const open = createOpenSource(undefined, { allowsPrograms: false, onProblem: (problem) => problems.push(problem) })
const source = await open(`http://127.0.0.1:${server.address().port}/live`, 0)
const readFrom = nowS()
let frames = 0
let silentS = 0
let longestSilenceS = 0
let heardAgainS
let mostOutOfStepMs = 0
while (nowS() - startedAt < playS + stallS + playS) {
  const block = await source.read()
  frames += block.length
  const seconds = block.length / block.sampleRate
  if (block.getChannelData(0).every((sample) => Math.abs(sample) < 0.01)) {
    silentS += seconds
  } else {
    if (silentS > longestSilenceS) {
      longestSilenceS = silentS
      heardAgainS = nowS() - startedAt - playS - stallS
    }
    silentS = 0
  }
  mostOutOfStepMs = Math.max(mostOutOfStepMs, Math.abs(frames / source.sampleRate - (nowS() - readFrom)) * 1000)
}
await source.close()
server.close()
server.closeAllConnections()
console.log({ stallS, silentS: longestSilenceS.toFixed(2), heardAgainAfterStallS: heardAgainS?.toFixed(2) })
console.log({ mostOutOfStepMs: mostOutOfStepMs.toFixed(1), requests, problems })
