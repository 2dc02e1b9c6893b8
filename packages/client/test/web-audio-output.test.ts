import { expect } from 'chai'
import { LocalClock } from '../src/node/local-clock.js'
import { WebAudioOutput } from '../src/node/outputs/web-audio-output.js'
import { describeOutputContract } from './audio-output-contract.js'

const request = { module: new URL('./fake-web-audio.js', import.meta.url).href, sampleRate: 48_000, channels: 2 }
const clock = new LocalClock()

describeOutputContract({
  name: 'web-audio',
  open: () => WebAudioOutput.open(request, clock),
  noiseUs: 11_000, // half a step of the position
  stallMs: 400,
})

describe('WebAudioOutput', () => {
  it('says in one line what to install when the package is missing', async () => {
    const missing = { ...request, module: 'no-such-web-audio' }
    const refusal = await WebAudioOutput.open(missing, clock).catch((error) => error)
    expect(refusal.message).to.match(/^Cannot find package 'no-such-web-audio'[^\n]*npm install[^\n]*$/)
  })
})
