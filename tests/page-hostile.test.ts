/** The web page against texts and requests of attackers, in a real browser. */
import path from 'node:path'
import { missing } from '@obscura/test-servers/requirement'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FIXTURES } from './command.js'
import { type PageService, startPage } from './page-service.js'

/** Would change the page's title if a browser took it for more than text. */
const EVIL = `"'><img src=x onerror="document.title='taken'"><svg onload="document.title='taken'">`

describe.skipIf(missing('chromium'))('the web page', () => {
  let service: PageService
  let page: Page

  beforeAll(async () => {
    service = await startPage()
    page = await service.openSignedIn()
    page.on('dialog', dialog => dialog.accept())
    await page.addInitScript(`addEventListener('securitypolicyviolation', () => { document.title = 'violated' })`)
    await page.reload()
    await page.locator('.drop').waitFor()
  })
  afterAll(() => service?.close())

  /** The text is on the page, as text. */
  async function isHarmless(text: string): Promise<void> {
    await page.getByText(text).first().waitFor({ state: 'attached' })
    const elements = await page.evaluate(`document.querySelectorAll('img[src=x], [onload], [onerror], script:not([src])').length`)
    expect([await page.title(), elements]).toEqual(['Obscura', 0])
  }

  test('shows file names, EXIF, names of presets and reasons as text', async () => {
    const exif = { IFD0: { ImageDescription: EVIL, Artist: EVIL, Copyright: EVIL } }
    const photo = await sharp(path.join(FIXTURES, 'street-taxis.jpg')).resize(640).withExif(exif).jpeg().toBuffer()
    await page.getByText('All parameters').click()
    await page.getByLabel('review', { exact: true }).check()
    await page.getByLabel('Name of a preset of your own').fill(EVIL.slice(0, 60))
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await isHarmless(EVIL.slice(0, 60))
    await page.setInputFiles('input[type=file] >> nth=0', [
      { name: `${EVIL}.jpg`, mimeType: 'image/jpeg', buffer: photo },
      { name: `${EVIL}.gif`, mimeType: 'image/gif', buffer: Buffer.from(EVIL) },
    ])
    await page.locator('.queue').getByText('waiting for review', { exact: true }).waitFor()
    await isHarmless(`${EVIL}.gif`)
    const link = (await page.locator('.queue').getByRole('link').getAttribute('href'))!
    await service.api('POST', `/v2/task/${link.split('/').at(-1)}/reject`, { reason: EVIL })
    await page.getByRole('link', { name: 'Images', exact: true }).click()
    await isHarmless(`${EVIL}.jpg`)
    await page.goto(`${service.url}/${link}`)
    await page.locator('.stage canvas[data-state=sharp]').waitFor()
    await isHarmless(`${EVIL}.jpg`)
    await isHarmless(EVIL)
  })

  test('shows names of customers, answers of the service, and what models and the audit log say, as text', async () => {
    const user = { username: 'eve', password: 'page under test', customer: EVIL.slice(0, 60) }
    const added = await service.api('POST', '/v2/admin/users', user)
    const model = {
      name: EVIL,
      title: EVIL,
      licence: EVIL,
      origin: `javascript:${EVIL}`,
      training: EVIL,
      finds: [EVIL],
      profiles: [EVIL],
    }
    const answers = {
      service: {
        checks: { [EVIL]: EVIL },
        ready: false,
        ...{ retention_days: 0, task_rows_days: 0, four_eyes: false },
        workers: [{ worker: EVIL, seen_time: '2026-01-01 00:00:00', profile: EVIL, fingerprint: EVIL, models: [] }],
        models: [{ ...model, accuracy: EVIL }],
      },
      audit: {
        items: [
          {
            id: 1,
            time: '2026-01-01 00:00:00',
            action: EVIL,
            username: EVIL,
            customer: EVIL,
            task_id: 1,
            subject: EVIL,
            address: EVIL,
          },
        ],
        next_page_key: null,
      },
    }
    for (const [route, json] of Object.entries(answers))
      await page.route(`**/v2/admin/${route}*`, reply => reply.fulfill({ json }))
    await page.goto(`${service.url}/#/admin`)
    await isHarmless(EVIL)
    if (added.status < 300) await isHarmless(user.customer)
    await page.route('**/v2/admin/users', reply => reply.fulfill({ status: 400, json: { error: EVIL } }))
    await page.reload()
    await isHarmless(EVIL)
  })

  test('ends the session in all tabs of the browser at once', async () => {
    const context = await service.browser.newContext({ locale: 'en-US' })
    const [first, second] = [await context.newPage(), await context.newPage()]
    await first.goto(service.url)
    await first.fill('[name=username]', 'admin')
    await first.fill('[name=password]', 'page under test')
    await first.click('button[type=submit]')
    await first.locator('.drop').waitFor()
    await second.goto(`${service.url}/#/images`)
    await second.locator('.grid li').first().waitFor()
    await first.getByRole('button', { name: 'Sign out' }).click()
    await second.getByRole('heading', { name: 'Sign in to Obscura' }).waitFor()
    expect(await second.locator('.grid').count()).toBe(0)
    expect(await second.evaluate('sessionStorage.length')).toBe(0)
    await context.close()
  })

  test("obeys no other site: the browser's cookie alone changes nothing", async () => {
    const session = await fetch(`${service.url}/session`, {
      method: 'POST',
      headers: { 'x-obscura-page': '1' },
      body: JSON.stringify({ username: 'admin', password: 'page under test' }),
    })
    const cookie = session.headers.getSetCookie()[0].split(';')[0]
    const attempt = async (method: string, route: string, headers: Record<string, string> = {}) =>
      (
        await fetch(`${service.url}${route}`, {
          method,
          headers: { cookie, ...headers },
          body: method === 'GET' ? undefined : '{}',
        })
      ).status
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    for (const method of ['GET', 'POST', 'DELETE']) {
      expect([method, await attempt(method, '/session')]).toEqual([method, 400])
      expect([method, await attempt(method, '/session', { ...foreign, 'x-obscura-page': '1' })]).toEqual([method, 400])
    }
    const { paths } = JSON.parse(await (await fetch(`${service.url}/openapi.json`)).text()) as { paths: Record<string, object> }
    const changes = Object.entries(paths).flatMap(([route, operations]) =>
      Object.keys(operations).flatMap(method =>
        method === 'get' ? [] : [[method.toUpperCase(), route.replace(/\{\w+\}/g, '1')]],
      ),
    )
    expect(changes.length).toBeGreaterThan(15)
    const accepted: string[] = []
    for (const [method, route] of changes)
      if ((await attempt(method, route, foreign)) !== 401) accepted.push(`${method} ${route}`)
    // These take a password or a token in the body.
    expect(accepted.sort()).toEqual(['POST /v2/refresh', 'POST /v2/signin'])
    expect(await attempt('GET', '/session', { 'x-obscura-page': '1' })).toBe(200)
  })
})
