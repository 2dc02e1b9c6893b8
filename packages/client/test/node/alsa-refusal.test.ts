import { expect } from 'chai'
import { alsa } from '../../src/node/outputs/alsa/alsa-library.js'
import { explainRefusal } from '../../src/node/outputs/alsa/alsa-refusal.js'

const { error } = alsa

describe('explainRefusal', () => {
  for (const [what, code, locked, remedy] of [
    ['a busy card', error.busy, false, /in use by another program: stop that program, or choose another/],
    ['a forbidden card', error.access, false, /no permission .* group audio \(sudo usermod -aG audio \$USER\)/],
    ['a card hidden by its permissions', error.noEntry, true, /no permission .* group audio/],
    ['a missing card', error.noDevice, false, /there is no sound card .* "tutti devices" lists/],
    ['a sound server that is down', error.hostDown, false, /PipeWire or PulseAudio.* not running .* start it/],
    ['anything else', -5, false, /cannot be opened \(Input\/output error\)/],
  ] as const) {
    it(`names ${what} and the remedy, in one line`, () => {
      const line = explainRefusal('hw:CARD=DAC', code, 'Input/output error', locked)
      expect(line).to.match(remedy)
      expect(line).to.include('"hw:CARD=DAC"')
      expect(line).not.to.include('\n')
    })
  }
})
