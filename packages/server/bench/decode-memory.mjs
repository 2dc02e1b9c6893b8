// Decodes a minute and an hour of each format, alone and through ffmpeg, and prints the peak memory of each, which must
// not depend on the length. Linux, with ffmpeg to make the files: node packages/server/bench/decode-memory.mjs [format…]
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createOpenSource } from '../dist/src/node/source/open-source.js'

const encoders = {
  mp3: ['-c:a', 'libmp3lame', '-b:a', '128k'],
  flac: ['-c:a', 'flac', '-sample_fmt', 's16'],
  opus: ['-c:a', 'libopus', '-b:a', '96k', '-f', 'ogg'],
  ogg: ['-c:a', 'libvorbis', '-q:a', '3'],
  wav: ['-c:a', 'pcm_s16le'],
}

const [mode, path] = process.argv.slice(2)
if (mode === '--alone' || mode === '--ffmpeg') await decode(path, mode === '--ffmpeg' ? 'ffmpeg' : undefined)
else compare(process.argv.length > 2 ? process.argv.slice(2) : ['mp3', 'flac'])

function compare(formats) {
  const folder = join(tmpdir(), 'tutti-decode-memory')
  mkdirSync(folder, { recursive: true })
  const rows = []
  for (const format of formats) {
    for (const minutes of [1, 60]) {
      const file = join(folder, `${minutes}.${format}`)
      if (!existsSync(file)) make(file, minutes, encoders[format])
      for (const mode of ['--alone', '--ffmpeg']) {
        const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), mode, file], { encoding: 'utf8' })
        if (child.status !== 0) throw new Error(child.stderr)
        rows.push({ format, minutes, mode: mode.slice(2), ...JSON.parse(child.stdout) })
      }
    }
  }
  console.table(rows)
}

function make(file, minutes, encoder) {
  const tone = `aevalsrc=0.3*sin(2*PI*(440+50*sin(t/7))*t)|0.3*sin(2*PI*554*t)*exp(-3*mod(t\\,0.25)):s=44100:d=${minutes * 60}`
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', tone, ...encoder, file])
}

async function decode(file, ffmpeg) {
  const start = process.hrtime.bigint()
  const source = await createOpenSource(ffmpeg)(file, 0)
  let frames = 0
  let ffmpegKb = 0
  for (let block = await source.read(), i = 0; block !== undefined; block = await source.read(), i++) {
    frames += block.length
    if (ffmpeg !== undefined && i % 200 === 0) ffmpegKb = Math.max(ffmpegKb, peakOfChild())
  }
  await source.close()
  const row = {
    audioS: frames / source.sampleRate,
    tookS: Number((process.hrtime.bigint() - start) / 1_000_000n) / 1000,
    nodePeakMb: Math.round(process.resourceUsage().maxRSS / 1000),
    ffmpegPeakMb: Math.round(ffmpegKb / 1000),
  }
  process.stdout.write(JSON.stringify(row))
}

/** In kB. */
function peakOfChild() {
  const child = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')[0]
  if (!child) return 0
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1] ?? 0)
}
