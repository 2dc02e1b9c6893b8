import { expect } from 'chai'
import { chooseCards, warningOf } from '../../src/node/outputs/alsa/sound-cards.js'

const listed = (name: string, plays = true) => ({ name, description: `about ${name}`, plays })

describe('chooseCards', () => {
  it('lists the default and every card by itself, without what ALSA wraps around them', () => {
    const all = [
      listed('null'),
      listed('lavrate'),
      listed('sysdefault:CARD=DAC'),
      listed('hw:CARD=DAC,DEV=0'),
      listed('plughw:CARD=DAC,DEV=0'),
      listed('surround51:CARD=DAC,DEV=0'),
      listed('hw:CARD=Microphone,DEV=0', false),
      listed('pipewire'),
      listed('default'),
      listed('living_room'),
    ]
    const names = chooseCards(all).map(({ name }) => name)
    expect(names).to.deep.equal(['default', 'hw:CARD=DAC,DEV=0', 'pipewire', 'living_room'])
  })

  it('tries the default even where it is not listed', () => {
    expect(chooseCards([]).map(({ name }) => name)).to.deep.equal(['default'])
  })
})

describe('warningOf', () => {
  it('warns of the pulse plugin, wherever in the chain it is', () => {
    const chain = 'Plug PCM: Linear conversion PCM (S16_LE)\nSlave: ALSA <-> PulseAudio PCM I/O Plugin\n'
    expect(warningOf('default', chain)).to.match(/^"default" goes through ALSA's pulse plugin[^\n]*--device hw:/)
  })

  it('has nothing to say of PipeWire and of cards themselves', () => {
    expect(warningOf('default', 'ALSA <-> PipeWire PCM I/O Plugin\n')).to.equal(undefined)
    expect(warningOf('hw:0', "Hardware PCM card 0 'DAC' device 0 subdevice 0\n")).to.equal(undefined)
  })
})
