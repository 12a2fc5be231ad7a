/** The web page in a real browser, from signing in to the downloaded image. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { missing } from '@obscura/test-servers/requirement'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FIXTURES } from './command.js'
import { answering, PASSWORD, type PageService, problemsOf, startPage } from './page-service.js'

const NAME = '<img src=x onerror=document.title="run">.jpg'

describe.skipIf(missing('chromium'))('the web page', () => {
  let service: PageService
  let page: Page
  let problems: string[]

  beforeAll(async () => {
    service = await startPage()
    for (const [name, photo] of [
      [NAME, 'group-portrait.jpg'],
      ['taxis.jpg', 'street-taxis.jpg'],
    ]) {
      const file = path.join(service.root, name)
      await sharp(path.join(FIXTURES, photo)).resize(640).jpeg().toFile(file)
      await service.upload(name, new Uint8Array(await readFile(file)))
    }
  })
  afterAll(() => service?.close())
  beforeEach(async () => {
    page = await service.openSignedIn()
    problems = problemsOf(page)
  })
  afterEach(async () => {
    await page.context().close()
    expect(problems, 'errors, and rules of the policy of the page that were broken').toEqual([])
  })

  const show = async (name: string) => {
    await page.goto(`${service.url}/#/images`)
    await page.getByRole('link', { name }).click()
    await page.getByRole('heading', { name }).waitFor()
    await page.locator('.stage > svg').waitFor({ state: 'attached' })
  }

  test('refuses a wrong password with the sentence of the API, and lets the right one in', async () => {
    const form = await service.open()
    await form.fill('[name=username]', 'admin')
    await form.fill('[name=password]', 'wrong')
    await form.click('button[type=submit]')
    await form.getByText('Incorrect username or password.').waitFor()
    await form.fill('[name=password]', PASSWORD)
    await form.click('button[type=submit]')
    await form.getByText('Drop images or folders here').waitFor()
    await form.context().close()
  })

  test('uploads files, shows what became of each, and runs nothing that a file name says', async () => {
    await writeFile(path.join(service.root, 'broken.jpg'), 'no image')
    const files = [NAME, 'broken.jpg'].map(name => path.join(service.root, name))
    await page.setInputFiles('input[type=file] >> nth=0', files)
    await page.getByText('1 of 2 done, 1 failed').waitFor()
    const rows = await page.locator('.queue li').allInnerTexts()
    expect(rows.find(row => row.includes('broken.jpg'))).toMatch(/failed\s+The file is damaged/)
    expect(rows.find(row => row.includes(NAME))).toMatch(/done/)
    expect(await page.title()).toBe('Obscura')
  })

  test('after a reload the user is still signed in, and the images are there', async () => {
    await page.goto(`${service.url}/#/images`)
    await page.reload()
    for (const name of [NAME, 'taxis.jpg']) await page.getByRole('link', { name }).first().waitFor()
  })

  test('shows the regions of an image, the original beside it, and the next image by a key', async () => {
    await show('taxis.jpg')
    const first = page.url()
    await page.keyboard.press('ArrowRight')
    await page.waitForURL(address => address.href !== first)
    await page.getByRole('heading', { name: NAME }).waitFor()
    await page.locator('.stage rect.face').first().waitFor({ state: 'attached' })
    expect(await page.locator('.stage > svg rect').count()).toBe(await page.locator('.regions li').count())
    await page.keyboard.press('c')
    await page.getByRole('img', { name: 'Original' }).waitFor()
    await page.locator('.regions li button').first().click()
    await page.locator('.stage rect.focus').waitFor({ state: 'attached' })
  })

  test('saves the anonymized image under its name', async () => {
    await show('taxis.jpg')
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()])
    expect(download.suggestedFilename()).toBe('taxis.jpg')
    expect(await sharp(await readFile(await download.path())).metadata()).toMatchObject({ format: 'jpeg', width: 640 })
  })

  test('deletes what is selected after a question, and signs out', async () => {
    const image = await sharp({ create: { width: 48, height: 32, channels: 3, background: '#557799' } })
      .jpeg()
      .toBuffer()
    await service.upload('small.jpg', new Uint8Array(image))
    await page.goto(`${service.url}/#/images`)
    await page.getByLabel('Select small.jpg').check()
    await answering(page, () => page.getByRole('button', { name: 'Delete' }).click())
    await page.getByLabel('Select small.jpg').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in to Obscura' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in to Obscura' }).waitFor()
  })

  test('loads nothing from other servers, and keeps no token where scripts read it', async () => {
    const addresses: URL[] = []
    page.on('request', request => addresses.push(new URL(request.url())))
    await page.reload()
    await page.locator('.drop').waitFor()
    await show('taxis.jpg')
    const servers = addresses.filter(({ protocol }) => protocol !== 'blob:' && protocol !== 'data:').map(({ origin }) => origin)
    expect([...new Set(servers)]).toEqual([service.url])
    const stored = await page.evaluate<string>('JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie')
    expect(stored).not.toMatch(/eyJ|obscura_session/)
  })
})
