import { expect } from 'chai'
import { isHls, parseCue, parseM3u, parsePls, playlistKind } from '../src/playlist.js'

describe('A playlist', () => {
  it('is known by its ending', () => {
    expect(['a.M3U', 'b.m3u8', 'c.pls', 'd.cue', 'e.mp3', 'm3u'].map(playlistKind)).to.deep.equal([
      'm3u',
      'm3u',
      'pls',
      'cue',
      undefined,
      undefined,
    ])
  })

  it('in M3U has comments, titles, blank lines, any line ends and perhaps a byte order mark', () => {
    const text =
      '\uFEFF#EXTM3U\r\n#EXTINF:123,Nina Simone - Feeling Good\r\nmusic/1.mp3\r\n\r\n# a comment\rhttp://radio.example/live\n'
    expect(parseM3u(text)).to.deep.equal([
      { place: 'music/1.mp3', title: 'Nina Simone - Feeling Good' },
      { place: 'http://radio.example/live' },
    ])
  })

  it('of HLS is told from one of tracks', () => {
    expect(isHls('#EXTM3U\n#EXT-X-TARGETDURATION:6\n')).to.equal(true)
    expect(isHls('#EXTM3U\n#EXTINF:1,x\na.ts\n')).to.equal(false)
  })

  it('in PLS is in the order of its numbers, whatever that of its lines', () => {
    const text = '[playlist]\nFile10=c\nTitle2=Second\nFile2=b\nfile1 = a\nNumberOfEntries=3\n'
    expect(parsePls(text)).to.deep.equal([{ place: 'a' }, { place: 'b', title: 'Second' }, { place: 'c' }])
  })

  it('that is a cue sheet says to the frame of a CD where each track begins, and ends where the next does', () => {
    const text = `REM GENRE Jazz
PERFORMER "The Band"
TITLE "The Album"
FILE "The Album.flac" WAVE
  TRACK 01 AUDIO
    TITLE "One"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Two"
    PERFORMER "A Guest"
    INDEX 00 03:58:00
    INDEX 01 04:00:37
FILE "bonus.wav" WAVE
  TRACK 03 AUDIO
    INDEX 01 00:02:00
`
    const secondMs = 240_000 + (37 / 75) * 1000
    expect(parseCue(text)).to.deep.equal([
      { place: 'The Album.flac', performer: 'The Band', title: 'One', startMs: 0, endMs: secondMs },
      { place: 'The Album.flac', performer: 'A Guest', title: 'Two', startMs: secondMs, endMs: undefined },
      { place: 'bonus.wav', performer: 'The Band', startMs: 2000, endMs: undefined },
    ])
  })
})
