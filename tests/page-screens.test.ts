/** How the screens of the web page look: on a desktop and a phone, light and dark. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { missing } from '@obscura/test-servers/requirement'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FIXTURES } from './command.js'
import { type PageService, seriousFindings, startPage } from './page-service.js'
import { compareScreen } from './screens.js'

const LOOKS: [string, BrowserContextOptions][] = [
  ['desktop-light', { viewport: { width: 1200, height: 800 }, colorScheme: 'light' }],
  ['phone-dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
]
/** Of other fonts: text that is wider or wraps earlier. A part that is gone or covered is more. */
const MAX_MEAN = 4
const MAX_WORST = 90

describe.skipIf(missing('chromium'))('the screens of the web page', () => {
  let service: PageService
  let photo: number
  beforeAll(async () => {
    service = await startPage()
    const file = new Uint8Array(await readFile(path.join(FIXTURES, 'group-portrait.jpg')))
    photo = await service.upload('group.jpg', file, { review: true })
    await service.upload('street.jpg', new Uint8Array(await readFile(path.join(FIXTURES, 'street-taxis.jpg'))))
  })
  afterAll(() => service?.close())

  describe.each(LOOKS)('%s', (look, options) => {
    let page: Page
    beforeAll(async () => {
      page = await service.openSignedIn(options)
    })
    const looksApproved = async (screen: string) => {
      const { mean, worst } = await compareScreen(page, `${screen}-${look}`)
      expect(mean, 'mean difference').toBeLessThan(MAX_MEAN)
      expect(worst, 'worst difference').toBeLessThan(MAX_WORST)
      expect(await seriousFindings(page)).toEqual([])
    }

    test('upload', () => looksApproved('upload'))

    test('images', async () => {
      await page.goto(`${service.url}/#/images`)
      // The one in review has no preview.
      await page.locator('.grid img').first().waitFor()
      await page.getByLabel('Select group.jpg').waitFor()
      await looksApproved('images')
    })

    const showPhoto = async () => {
      await page.goto(`${service.url}/#/image/${photo}`)
      await page.locator('.stage > svg .region').first().waitFor({ state: 'attached' })
    }
    /** Waits until the images on the stage are sharp, and each region of the list has its crop. */
    const isDrawn = async (images: number) => {
      await page
        .locator('.stage canvas[data-state=sharp]')
        .nth(images - 1)
        .waitFor()
      const empty = () =>
        page.evaluate(`[...document.querySelectorAll('canvas.crop')]
          .filter(crop => crop.getContext('2d').getImageData(48, 48, 1, 1).data[3] === 0).length`)
      await expect.poll(empty).toBe(0)
    }

    test('viewer', async () => {
      await showPhoto()
      await isDrawn(1)
      await looksApproved('viewer')
    })

    test('compare', async () => {
      await showPhoto()
      await page.keyboard.press('c')
      await isDrawn(2)
      await looksApproved('compare')
    })

    test('usage', async () => {
      await page.goto(`${service.url}/#/usage`)
      await page.locator('.chart').first().waitFor()
      expect(await seriousFindings(page)).toEqual([])
    })

    test('sign in', async () => {
      await page.goto(`${service.url}/#/images`)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Sign in to Obscura' }).waitFor()
      await looksApproved('sign-in')
    })
  })
})
