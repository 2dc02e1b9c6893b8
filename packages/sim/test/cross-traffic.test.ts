import { expect } from 'chai'
import { CrossTraffic } from '../src/cross-traffic.js'
import { Random } from '../src/random.js'

describe('cross traffic', () => {
  it('lets messages wait while somebody downloads, and never else', () => {
    const traffic = new CrossTraffic(new Random('traffic'), { quietS: 30, busyS: 20, minPeakMs: 15, maxPeakMs: 60 })
    const looks = { busy: 0, quiet: 0 }
    for (let atS = 0; atS < 3600; atS += 0.1) {
      const isBusy = traffic.isBusyAt(atS * 1e6)
      const waitUs = traffic.waitAt(atS * 1e6)
      looks[isBusy ? 'busy' : 'quiet']++
      if (isBusy) expect(waitUs).to.be.within(7_500, 60_000)
      else expect(waitUs).to.equal(0)
    }
    expect(looks.busy).to.be.above(7_200)
    expect(looks.quiet).to.be.above(7_200)
  })
})
