/** The page operates a real house with real rooms, whose cards are arithmetic. */
import { networkInterfaces } from 'node:os'
import type { Room } from '@tutti/client/node'
import type { ClientStatus, GroupStatus } from '@tutti/server'
import { expect } from 'chai'
import type { BrowserContext, Page } from 'playwright-core'
import { describeInBrowser, watchForComplaints } from './browser.js'
import { until, WebHouse } from './web-house.js'

describeInBrowser('The page, in Chromium', (browser) => {
  let house: WebHouse
  let rooms: readonly Room[]
  let page: Page
  let complaints: string[]
  let home: string

  before(async () => {
    house = await WebHouse.open()
    home = house.group
    await house.queue(300, 200)
    rooms = [await house.addRoom('Kitchen', 40), await house.addRoom('Study', -30)]
    await until('both rooms', () => group().clients.length === 2)
    page = await browser().newPage()
    complaints = watchForComplaints(page)
    await page.goto(house.address)
    await button('Play').waitFor()
  })

  after(() => house?.close())

  const group = (): GroupStatus => house.server.status().groups.find(({ id }) => id === home)!
  const room = (name: string): ClientStatus | undefined =>
    house.server
      .status()
      .groups.flatMap(({ clients }) => clients)
      .find((client) => client.name === name)
  const groupOf = (name: string): GroupStatus =>
    house.server.status().groups.find(({ clients }) => clients.some((client) => client.name === name))!
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const view = (name: string) => page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name }).click()
  const allSound = () => rooms.every((each) => each.status().playout === 'playing')

  it('plays in every room, and pauses', async () => {
    await button('Play').click()
    await button('Pause').waitFor()
    await until('sound in both rooms', allSound)
    await until('a position that moves', () => group().state === 'playing' && group().isMoving)

    await button('Pause').click()
    await button('Play').waitFor()
    await until('silence in both rooms', () => rooms.every((each) => each.status().playout !== 'playing'))
    expect(group()).to.include({ state: 'paused', isMoving: false })
  })

  it('seeks, and shows where the music is', async () => {
    await button('Play').click()
    await until('sound in both rooms', allSound)
    await page.getByRole('slider', { name: 'Position in the track' }).fill('120000')
    await until('the position', () => group().positionMs >= 120_000 && group().positionMs < 150_000)
    await page.getByText(/^2:[0-2]\d$/).waitFor()
    await until('sound from there on', allSound)
  })

  it('goes on to the next track and back, and shows its title', async () => {
    await button('Next track').click()
    await page.getByRole('heading', { name: 'Ramp of 200 s' }).waitFor()
    await button('Previous track').click()
    await page.getByRole('heading', { name: 'Ramp of 300 s' }).waitFor()
  })

  it('sets the volume of a room, and of a group so that rooms keep their ratio', async () => {
    await view('Rooms')
    await page.getByRole('slider', { name: 'Volume of Kitchen' }).fill('40')
    await page.getByRole('slider', { name: 'Volume of Study' }).fill('60')
    await until('both volumes', () => room('Kitchen')!.volume === 40 && room('Study')!.volume === 60)

    await page.getByRole('slider', { name: 'Volume of group' }).fill('30')
    await until('volume of the group', () => group().volume === 30)
    expect([room('Kitchen')!.volume, room('Study')!.volume]).to.deep.equal([24, 36])
    await page.getByRole('button', { name: 'Mute Study' }).click()
    await until('mute', () => room('Study')!.muted)
    await page.getByRole('button', { name: 'Let Study sound again' }).click()
    await until('unmute', () => !room('Study')!.muted)
  })

  it('moves rooms between groups by keyboard alone, and keeps the focus on the room', async () => {
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')
    await page.getByRole('heading', { name: 'Rooms' }).click()
    for (let n = 0; !(await focused()).startsWith('Move Study'); n++) {
      if (n > 40) throw new Error('Tab never reaches the grip of Study')
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('ArrowDown')
    await until('Study on its own', () => groupOf('Study').id !== groupOf('Kitchen').id)
    await page.getByRole('region', { name: 'Group Study' }).locator('.grip:focus').waitFor()
    expect(rooms[0]!.status().playout, 'the room that stayed').to.equal('playing')

    await page.keyboard.press('ArrowUp')
    await until('Study back again', () => groupOf('Study').id === groupOf('Kitchen').id)
    await until('sound in both rooms', allSound)
  })

  it('moves rooms by their menu and by dragging, too', async () => {
    await page.getByRole('button', { name: 'Settings of Study' }).click()
    await page.getByLabel('Plays with').selectOption('On its own')
    await until('Study on its own', () => groupOf('Study').id !== groupOf('Kitchen').id)
    const alone = page.getByRole('region', { name: 'Group Study' })
    await alone.getByLabel('Plays with').waitFor() // its settings stay open

    await page
      .getByRole('button', { name: 'Move Study' })
      .dragTo(page.locator(`[data-group="${home}"] header`), { force: true })
    await until('Study back again', () => groupOf('Study').id === groupOf('Kitchen').id)
    await alone.waitFor({ state: 'detached' })
  })

  it('renames a room', async () => {
    await page.getByRole('button', { name: 'Rename room Study' }).click()
    await page.getByRole('textbox', { name: 'New name of room Study' }).fill('Library')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Library', level: 3 }).waitFor()
    expect(room('Library')).to.include({ id: 'study' })
  })

  it('shows on a second page what the first one does', async () => {
    const second = await browser().newPage()
    await second.goto(`${house.address}#rooms`)
    await second.getByRole('slider', { name: 'Volume of Library' }).waitFor()

    await page.getByRole('slider', { name: 'Volume of Library' }).fill('17')
    await second.waitForFunction(
      () => document.querySelector<HTMLInputElement>('[aria-label="Volume of Library"]')?.value === '17',
    )
    await second.getByRole('button', { name: 'Rename room Library' }).click()
    await second.getByRole('textbox').fill('Loft')
    await second.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Loft', level: 3 }).waitFor()

    await second.goto(`${house.address}#playing`)
    await second.getByRole('button', { name: 'Pause' }).click()
    await view('Playing')
    await button('Play').waitFor()
    await second.close()
  })

  it('is the same after a reload, and after the server was away', async () => {
    const atMs = group().positionMs
    await page.reload()
    await button('Play').waitFor()
    await page.getByRole('heading', { name: 'Ramp of 300 s' }).waitFor()
    expect(group().positionMs).to.equal(atMs)

    const usual = complaints.length
    await house.server.stop()
    await page.getByText('No connection to the music server').waitFor()
    await house.start()
    await page.getByText('No connection to the music server').waitFor({ state: 'hidden' })
    await view('Rooms')
    await page.getByRole('heading', { name: 'Loft', level: 3 }).waitFor()
    await until('the rooms', () => room('Loft')?.isConnected && room('Kitchen')?.isConnected)
    // A browser itself notes connections that are refused.
    complaints.splice(usual)
  })

  it('had nothing to complain about', () => {
    expect(complaints).to.deep.equal([])
    expect(house.problems).to.deep.equal([])
  })
})

const address = Object.values(networkInterfaces())
  .flatMap((found) => found ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

describeInBrowser('Pairing, in Chromium', (browser) => {
  let house: WebHouse
  let context: BrowserContext
  let page: Page
  let site: string

  before(async function () {
    if (address === undefined) this.skip()
    house = await WebHouse.open({ host: '0.0.0.0' })
    await house.addRoom('Kitchen', 10)
    context = await browser().newContext()
    page = await context.newPage()
    site = `http://${address}:${house.server.port}/`
    await page.goto(site)
  })

  after(() => house?.close())

  const enter = async (code: string): Promise<void> => {
    await page.getByLabel('Pairing code').fill(code)
    await page.getByRole('button', { name: 'Pair' }).click()
  }

  it('shows a browser from elsewhere nothing but the question for the code', async () => {
    await page.getByRole('heading', { name: 'Pair this browser' }).waitFor()
    const answers = await page.evaluate(async () => {
      const status = await fetch('api/status')
      const command = await fetch('api/commands', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"command":"play"}',
      })
      const events = await new Promise((resolve) => {
        const socket = new WebSocket('api/events')
        socket.onopen = () => resolve('open')
        socket.onerror = () => resolve('refused')
      })
      return { status: status.status, command: command.status, events }
    })
    expect(answers).to.deep.equal({ status: 401, command: 401, events: 'refused' })
  })

  it('refuses a wrong code, in words', async () => {
    await enter(house.code === '123456' ? '654321' : '123456')
    await page.getByRole('alert').filter({ hasText: 'not the code' }).waitFor()
  })

  it('lets in with the code of the terminal, which works once', async () => {
    const { code } = house
    await enter(code)
    await page.getByRole('link', { name: 'Rooms' }).click()
    await page.getByRole('heading', { name: 'Kitchen' }).waitFor()
    expect(house.code).not.to.equal(code)
  })

  it('remembers the browser over a reload, and over a restart of the server', async () => {
    await page.reload()
    await page.getByRole('heading', { name: 'Kitchen' }).waitFor()
    await house.server.stop()
    await house.start({ host: '0.0.0.0' })
    await page.reload()
    await page.getByRole('heading', { name: 'Kitchen' }).waitFor()
  })

  it('takes the code from the address that the QR code carries', async () => {
    const phone = await (await browser().newContext()).newPage()
    await phone.goto(`${site}#pair=${house.code}`)
    await phone.getByRole('button', { name: 'Settings', exact: true }).click()
    await phone.getByText('(this one)').waitFor()
    expect(phone.url()).not.to.include('pair')
    await phone.context().close()
  })

  it('forgets a browser that is revoked', async () => {
    await page.getByRole('button', { name: 'Settings', exact: true }).click()
    const mine = page.getByRole('listitem').filter({ hasText: '(this one)' })
    await mine.getByRole('button', { name: 'Revoke' }).click()
    await page.goto(site)
    await page.reload()
    await page.getByRole('heading', { name: 'Pair this browser' }).waitFor()
  })
})
