import { expect } from 'chai'
import { LocalClock } from '../src/node/local-clock.js'
import { SpeakerOutput } from '../src/node/outputs/speaker-output.js'
import { describeOutputContract } from './audio-output-contract.js'

const request = { module: new URL('./fake-speaker.js', import.meta.url).href, sampleRate: 48_000, channels: 2 }
const clock = new LocalClock()

describeOutputContract({
  name: 'speaker',
  open: () => SpeakerOutput.open(request, clock),
  noiseUs: 25_000, // a chunk, and the delays of two processes
  stallMs: 900,
})

describe('SpeakerOutput', () => {
  it('says in one line what to install when the package is missing', async () => {
    const missing = { ...request, module: 'no-such-speaker' }
    const refusal = await SpeakerOutput.open(missing, clock).catch((error) => error)
    expect(refusal.message).to.match(/^Cannot find package 'no-such-speaker'[^\n]*npm install speaker[^\n]*$/)
  })

  it('survives the package aborting its process', async () => {
    const aborting = { ...request, module: 'data:text/javascript,process.abort()' }
    const refusal = await SpeakerOutput.open(aborting, clock).catch((error) => error)
    expect(refusal.message).to.match(/^the package "speaker" has aborted[^\n]*$/)
  })
})
