import { expect } from 'chai'
import { lanAddresses, Welcome } from '../src/welcome.js'

function say(control: 'paired' | 'local' | 'none', host: string, isTTY = false): string {
  let said = ''
  const welcome = new Welcome('Home', { write: (text: string) => (said += text), isTTY })
  if (control === 'paired') welcome.showCode('123456')
  welcome.open(8927, control, host)
  if (control === 'paired') welcome.showCode('654321')
  return said
}

describe('Welcome', () => {
  it('says where the page is, and what lets others in', () => {
    const said = say('paired', '192.168.1.5')
    expect(said).to.contain('Its page: http://192.168.1.5:8927/ on others, with pairing code 123 456.')
    expect(said).to.not.contain('127.0.0.1') // it does not listen there
    expect(said.endsWith('The pairing code is 654 321 now.\n')).to.equal(true)
  })

  it('shows a code to point a phone at, on a terminal and nowhere else', () => {
    expect(say('paired', '192.168.1.5', true)).to.match(/[▀▄█]{5}/)
    expect(say('paired', '192.168.1.5')).to.not.match(/[▀▄█]/)
  })

  it('promises nothing to other machines that cannot get in', () => {
    for (const said of [say('local', '0.0.0.0'), say('paired', '127.0.0.1')]) {
      expect(said).to.contain('on this machine').and.not.contain('on others')
    }
    expect(say('none', '0.0.0.0')).to.not.contain('page')
  })

  it('names an address that others may reach, when there is one', () => {
    const [address] = lanAddresses()
    const said = say('paired', '0.0.0.0')
    if (address === undefined) expect(said).to.not.contain('on others')
    else expect(said).to.contain(`http://${address}:8927/ on others`)
  })
})
