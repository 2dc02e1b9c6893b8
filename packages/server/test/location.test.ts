import { expect } from 'chai'
import { isLiveLocation, leastLeadUs, parseLocation } from '../src/location.js'

describe('A location', () => {
  const standard = { encoding: 's16le', sampleRate: 44_100, channels: 2, latencyMs: 200, isAsItComes: true }

  it('is a path, whatever is in it', () => {
    for (const path of ['/music/a.mp3', 'a: b.flac', 'C:\\Music\\c.wav', 'what?.ogg', '-what.mp3', 'My list.cue']) {
      expect(parseLocation(path)).to.deep.equal({ kind: 'file', path })
    }
  })

  it('may be a track of a cue sheet', () => {
    expect(parseLocation('/m/Album.CUE#12')).to.deep.equal({ kind: 'cue', path: '/m/Album.CUE', track: 12 })
  })

  it('may be an address', () => {
    expect(parseLocation('HTTP://radio.example/live').kind).to.equal('url')
    expect(parseLocation('http://').kind).to.equal('unclear')
  })

  it('may be a pipe or standard input, with a format', () => {
    expect(parseLocation('-')).to.deep.equal({ kind: 'stdin', format: standard })
    expect(parseLocation('fifo:/tmp/is it?/x?rate=48000&format=s24le')).to.deep.equal({
      kind: 'fifo',
      path: '/tmp/is it?/x',
      format: { ...standard, encoding: 's24le', sampleRate: 48_000 },
    })
  })

  it('may be a program, whose words are split as a shell would split them', () => {
    const location = parseLocation(`exec:a 'b c' "d \\" e" f\\ g h"i j"k ''?channels=1`)
    const words = location.kind === 'exec' ? location.words : undefined
    expect(words).to.deep.equal(['a', 'b c', 'd " e', 'f g', 'hi jk', ''])
  })

  it('keeps a question mark that begins no options in the command', () => {
    expect(parseLocation('exec:ffmpeg -i http://x/?id=3')).to.deep.include({
      words: ['ffmpeg', '-i', 'http://x/?id=3'],
    })
  })

  it('may be a sound card', () => {
    expect(parseLocation('alsa:hw:1,0?latency=40')).to.deep.equal({
      kind: 'alsa',
      device: 'hw:1,0',
      format: { encoding: 's16le', sampleRate: 48_000, channels: 2, latencyMs: 40 },
    })
    expect(parseLocation('alsa:')).to.deep.include({ device: 'default' })
  })

  it('may be told how long all of it is to take', () => {
    expect(parseLocation('alsa:hw:1,0?latency=40&total=120')).to.deep.include({
      format: { encoding: 's16le', sampleRate: 48_000, channels: 2, latencyMs: 40, totalMs: 120 },
    })
    expect(parseLocation('fifo:/x?total=500')).to.deep.include({
      format: { encoding: 's16le', sampleRate: 44_100, channels: 2, latencyMs: 200, totalMs: 500 },
    })
    expect(leastLeadUs('alsa:hw:1,0?latency=40&total=120')).to.equal(80_000)
    expect(['alsa:hw:1,0?latency=40', '/music/a.flac'].map(leastLeadUs)).to.deep.equal([0, 0])
    expect(parseLocation('fifo:/x?latency=100&total=90')).to.deep.equal({
      kind: 'unclear',
      problem: 'has a total that is not between its latency of 100 and 10000 ms.',
    })
  })

  it('is live when it cannot be had ahead of its time', () => {
    expect(['-', 'fifo:/x', 'exec:y', 'alsa:'].every(isLiveLocation)).to.equal(true)
    expect(['a.mp3', 'http://x/y', 'z.cue#1'].some(isLiveLocation)).to.equal(false)
  })
})
