/** Looking at a panorama on the web page, in a real browser. */
import path from 'node:path'
import { missing } from '@obscura/test-servers/requirement'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FIXTURES } from './command.js'
import { type PageService, problemsOf, seriousFindings, startPage } from './page-service.js'

const PATCH = 300
const SIZE = { width: 4096, height: 2048 }

describe.skipIf(missing('chromium'))('looking at a panorama', () => {
  let service: PageService
  let page: Page
  let id: number
  let problems: string[]
  const files: string[] = []

  /** Red, green, blue and alpha of the upper left pixels of what is shown. */
  const shownPixels = () =>
    page.evaluate<number[]>(
      `[...document.querySelector('.stage canvas').getContext('2d').getImageData(0, 0, ${PATCH}, ${PATCH}).data]`,
    )
  const style = (label: string) => page.getByRole('img', { name: label }).getAttribute('style')
  const looks = async () => (await service.api('GET', `/v2/admin/audit?task_id=${id}`)).body.items
  const isSharp = () => page.locator('canvas[data-state=sharp]').waitFor()

  beforeAll(async () => {
    service = await startPage()
    const photo = await sharp(path.join(FIXTURES, 'street-taxis.jpg'))
      .resize({ ...SIZE, fit: 'fill' })
      .jpeg()
      .toBuffer()
    id = await service.upload('panorama.jpg', new Uint8Array(photo))
  })
  afterAll(() => service?.close())
  beforeEach(async () => {
    page = await service.openSignedIn()
    problems = problemsOf(page)
    page.on('request', request => files.push(new URL(request.url()).pathname))
    await page.goto(`${service.url}/#/image/${id}`)
    await isSharp()
  })
  afterEach(async () => {
    await page.context().close()
    expect(problems, 'errors, and rules of the policy of the page that were broken').toEqual([])
  })

  test('shows the very pixels of the file at native size, wherever it is moved', async () => {
    const svg = page.locator('.stage > svg')
    const fitted = await svg.getAttribute('style')
    await page.keyboard.press('1')
    await expect.poll(() => svg.getAttribute('style')).not.toBe(fitted)
    const stage = (await page.locator('.stage').boundingBox())!
    await page.mouse.move(stage.x + 400, stage.y + 300)
    await page.mouse.down()
    await page.mouse.move(stage.x + 100, stage.y + 100, { steps: 4 })
    await page.mouse.up()
    await isSharp()
    const transform = (await svg.getAttribute('style'))!
    const [x, y] = [.../(-?[\d.]+)px, (-?[\d.]+)px/.exec(transform)!].slice(1).map(Number)
    const { body } = await service.api('GET', `/v2/task/${id}?original=false`)
    const file = Buffer.from(await (await fetch(body.anonymized_url)).arrayBuffer())
    const shown = await shownPixels()
    const region = { left: -Math.round(x), top: -Math.round(y), width: PATCH, height: PATCH }
    const expected = await sharp(file).extract(region).ensureAlpha().raw().toBuffer()
    const difference = shown.reduce((sum, value, i) => sum + Math.abs(value - expected[i]), 0) / expected.length
    expect(difference).toBeLessThan(0.1)
  })

  test('the border between original and result moves by keys, without leaving the image', async () => {
    await page.keyboard.press('c')
    await page.getByRole('img', { name: 'Original' }).waitFor()
    const before = await style('Original')
    await page.getByRole('slider').focus()
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowLeft')
    await expect.poll(() => style('Original')).not.toBe(before)
    expect(page.url()).toContain(`#/image/${id}`)
    await page.keyboard.press('c')
    await page.getByRole('img', { name: 'Original' }).waitFor({ state: 'detached' })
  })

  test('the original is there while a key is held, and was looked at once', async () => {
    const before = await looks()
    for (const _ of ['first', 'again']) {
      await page.keyboard.down('b')
      await page.getByRole('img', { name: 'Original' }).waitFor()
      expect(await style('Original')).toContain('none')
      await page.keyboard.up('b')
      await page.getByRole('img', { name: 'Original' }).waitFor({ state: 'detached' })
    }
    const after = await looks()
    expect(after).toHaveLength(before.length + 1)
    expect(after[0]).toMatchObject({ action: 'original', username: 'admin' })
  })

  test('classes can be switched off', async () => {
    const regions = page.locator('.stage > svg .face')
    const count = await page.locator('.regions li').count()
    await expect.poll(() => regions.count()).toBe(count)
    if (count > 0) {
      await page.getByLabel(/^Face \(/).uncheck()
      await expect.poll(() => regions.count()).toBe(0)
    }
  })

  test('the 360-degree view is loaded when it is wanted, and turns by keys', async () => {
    expect(files.filter(file => file.includes('sphere'))).toEqual([])
    await page.getByRole('button', { name: '360°' }).click()
    await page.locator('.sphere[data-state=ready]').waitFor()
    expect(files.some(file => /assets\/sphere-.*\.js$/.test(file))).toBe(true)
    const sphere = page.locator('.sphere')
    const before = await sphere.screenshot()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await expect.poll(async () => (await sphere.screenshot()).equals(before)).toBe(false)
    expect(page.url()).toContain(`#/image/${id}`)
    expect(await seriousFindings(page)).toEqual([])
    await page.keyboard.press('w')
    await page.locator('.stage').waitFor()
  })

  test('the 360-degree view outlines the regions, by class, and the next look is in the same direction', async () => {
    const file = await sharp({ create: { width: 512, height: 256, channels: 3, background: '#557799' } })
      .jpeg()
      .toBuffer()
    const small = await service.upload('drawn.jpg', new Uint8Array(file))
    const boxes = [230, 20].map(left => ({ class: 'vehicle', box: [left, 110, left + 20, 150] }))
    const painted = { class: 'face', mask: { top: 100, rows: Array.from({ length: 8 }, () => [240, 250, 262, 272]) } }
    const add = [...boxes, painted]
    expect((await service.api('POST', `/v2/task/${small}/corrections`, { add })).status).toBeLessThan(300)
    await page.goto(`${service.url}/#/image/${small}`)
    await page.locator('.stage > svg .vehicle').nth(1).waitFor({ state: 'attached' })
    await page.keyboard.press('w')
    // The other one is behind the one who looks.
    const outline = page.locator('.sphere path.vehicle.psv-marker--visible')
    await expect.poll(() => outline.count()).toBe(1)
    // What was painted is outlined as it is: in two parts.
    await expect.poll(() => page.locator('.sphere path.face.psv-marker--visible').count()).toBe(2)
    const before = await outline.getAttribute('d')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => outline.getAttribute('d')).not.toBe(before)
    const turned = await page.locator('.sphere').screenshot()
    await page.keyboard.press('w')
    await page.locator('.stage').waitFor()
    await page.keyboard.press('w')
    await page.locator('.sphere[data-state=ready]').waitFor()
    await expect.poll(async () => (await page.locator('.sphere').screenshot()).equals(turned)).toBe(true)
    await page.getByLabel('Vehicle (2)').uncheck()
    await expect.poll(() => outline.count()).toBe(0)
    await page.getByLabel('Vehicle (2)').check()
    await page.keyboard.press('w')
    await page.locator('.stage').waitFor()
  })

  test('in German every text of the viewer is German, and no finding of accessibility is serious', async () => {
    const german = await service.openSignedIn({ locale: 'de-DE', colorScheme: 'dark' })
    await german.goto(`${service.url}/#/image/${id}`)
    await german.locator('canvas[data-state=sharp]').waitFor()
    expect(await german.locator('html').getAttribute('lang')).toBe('de')
    expect(await german.locator('main').innerText()).not.toMatch(/\b(Select|Remove|Undo|Save|Native|Regions|Download)\b/)
    expect(await seriousFindings(german)).toEqual([])
    await german.context().close()
  })
})
