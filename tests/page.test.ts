/** The web page in a real browser, from signing in to the downloaded image. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findProgram, missing } from '@obscura/test-servers/requirement'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FIXTURES, printed, start } from './command.js'

const NAME = '<img src=x onerror=document.title="run">.jpg'
const PASSWORD = 'page under test'

describe.skipIf(missing('chromium'))('the web page', () => {
  let root: string
  let service: ChildProcess
  let url: string
  let browser: Browser
  let context: BrowserContext
  let page: Page
  const problems: string[] = []
  const hosts = new Set<string>()

  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'obscura-page-'))
    await sharp(path.join(FIXTURES, 'group-portrait.jpg')).resize(800).jpeg().toFile(path.join(root, NAME))
    await sharp(path.join(FIXTURES, 'street-taxis.jpg')).resize(800).jpeg().toFile(path.join(root, 'taxis.jpg'))
    await writeFile(path.join(root, 'broken.jpg'), 'no image')
    service = start(['serve'], {
      env: {
        OBSCURA_DATA: path.join(root, 'data'),
        OBSCURA_USERNAME: 'admin',
        OBSCURA_PASSWORD: PASSWORD,
        PORT: '0',
        HOST: '127.0.0.1',
        ENGINE_PROFILE: 'fast',
        ENGINE_CHILDREN: '1',
      },
    })
    url = (await printed(service, 'stdout', /ready at (http\S+)/))[1]
    browser = await chromium.launch({ executablePath: findProgram('chromium'), args: ['--no-sandbox'] })
    context = await browser.newContext({ locale: 'en-US', acceptDownloads: true })
    page = await context.newPage()
    page.setDefaultTimeout(60_000)
    page.on('console', message => message.type() === 'error' && problems.push(message.text()))
    page.on('pageerror', error => problems.push(error.message))
    page.on('request', request => hosts.add(new URL(request.url()).protocol + new URL(request.url()).host))
  })

  afterAll(async () => {
    await browser?.close()
    if (service?.exitCode === null) {
      service.kill('SIGTERM')
      await once(service, 'close')
    }
    await rm(root, { recursive: true, force: true })
  })

  test('refuses a wrong password with the sentence of the API, and lets the right one in', async () => {
    await page.goto(url)
    await page.fill('[name=username]', 'admin')
    await page.fill('[name=password]', 'wrong')
    await page.click('button[type=submit]')
    await page.getByText('Incorrect username or password.').waitFor()
    problems.length = 0 // The browser's own line about the status 400.
    await page.fill('[name=password]', PASSWORD)
    await page.click('button[type=submit]')
    await page.getByText('Drop images or folders here').waitFor()
  })

  test('uploads files, shows what became of each, and runs nothing that a file name says', async () => {
    const files = [NAME, 'taxis.jpg', 'broken.jpg'].map(name => path.join(root, name))
    await page.setInputFiles('input[type=file] >> nth=0', files)
    await page.getByText('2 of 3 done, 1 failed').waitFor()
    const rows = await page.locator('.queue li').allInnerTexts()
    expect(rows.find(row => row.includes('broken.jpg'))).toMatch(/failed\s+The file is damaged/)
    expect(rows.find(row => row.includes(NAME))).toMatch(/done/)
    expect(await page.title()).toBe('Obscura')
  })

  test('after a reload the user is still signed in, and the images are there, newest first', async () => {
    await page.goto(`${url}/#/images`)
    await page.reload()
    await page.locator('.grid img').nth(1).waitFor()
    const names = await page.locator('.grid .name').allInnerTexts()
    expect(names.sort()).toEqual([NAME, 'broken.jpg', 'taxis.jpg'].sort())
  })

  test('shows the regions of an image, the original beside it, and the next image by a key', async () => {
    await page.getByRole('link', { name: NAME }).click()
    await page.locator('.stage rect.face').first().waitFor({ state: 'attached' })
    expect(await page.locator('.stage rect').count()).toBe(await page.locator('.regions li').count())
    await page.keyboard.press('c')
    await page.locator('.stage img[alt=Original]').waitFor()
    await page.locator('.regions button').first().click()
    const first = page.url()
    await page.keyboard.press('ArrowLeft')
    await page.waitForURL(address => address.href !== first)
    await page.getByRole('heading', { name: 'taxis.jpg' }).waitFor()
  })

  test('saves the anonymized image under its name', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()])
    expect(download.suggestedFilename()).toBe('taxis.jpg')
    expect(await sharp(await readFile(await download.path())).metadata()).toMatchObject({ format: 'jpeg', width: 800 })
  })

  test('deletes what is selected after a question, and signs out', async () => {
    await page.keyboard.press('Escape')
    await page.getByLabel('Select taxis.jpg').check()
    page.once('dialog', dialog => dialog.accept())
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByLabel('Select taxis.jpg').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in to Obscura' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in to Obscura' }).waitFor()
  })

  test('loads nothing from other servers, breaks no rule of its policy, and keeps no token where scripts read it', async () => {
    expect(problems).toEqual([])
    expect([...hosts].filter(host => !host.startsWith('blob:') && !host.startsWith('data:'))).toEqual([
      `http:${new URL(url).host}`,
    ])
    const stored = await page.evaluate<string>('JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie')
    expect(stored).not.toMatch(/eyJ|obscura_session/)
  })
})
