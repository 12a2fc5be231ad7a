/** Previews in the lists of the web page, and files in review, in a real browser. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { missing } from '@obscura/test-servers/requirement'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FIXTURES } from './command.js'
import { type PageService, startPage } from './page-service.js'

const PHOTO = path.join(FIXTURES, 'street-taxis.jpg')

describe.skipIf(missing('chromium'))('previews on the web page', () => {
  let service: PageService
  let page: Page
  /** Paths of what the page has loaded. */
  const loaded: string[] = []

  beforeAll(async () => {
    service = await startPage()
    await service.upload('first.jpg', new Uint8Array(await readFile(PHOTO)))
    page = await service.openSignedIn()
    page.on('request', request => loaded.push(new URL(request.url()).pathname))
  })
  afterAll(() => service?.close())

  test('are all that the list of images loads of an image', async () => {
    loaded.splice(0)
    await page.getByRole('link', { name: 'Images', exact: true }).click()
    const preview = page.locator('.grid .preview img')
    await preview.waitFor()
    const size = `Promise.all([...document.images].map(image => image.decode()))
      .then(() => { const { naturalWidth, naturalHeight } = document.querySelector('.preview img'); return [naturalWidth, naturalHeight] })`
    expect(Math.max(...(await page.evaluate<number[]>(size)))).toBe(480)
    expect(loaded.filter(name => name.endsWith('/preview'))).toHaveLength(1)
    expect(loaded.filter(name => name.startsWith('/files/'))).toEqual([])
  })

  test('of a file in review are not shown before it is approved, nor is it called done', async () => {
    await page.getByRole('link', { name: 'Upload', exact: true }).click()
    await page.getByText('All parameters').click()
    await page.getByLabel('review', { exact: true }).check()
    loaded.splice(0)
    await page.setInputFiles('input[type=file] >> nth=0', PHOTO)
    const row = page.locator('.queue li')
    await row.getByText('waiting for review').waitFor()
    await page.getByText('0 of 1 done, 1 waiting for review').waitFor()
    const link = (await row.getByRole('link').getAttribute('href'))!
    const id = link.split('/').at(-1)
    expect(loaded.filter(name => name.endsWith('/preview'))).toEqual([])
    expect((await service.api('POST', `/v2/task/${id}/approve`)).status).toBe(200)
    await page.reload()
    await page.getByText('1 of 1 done').waitFor()
    await row.locator('.preview img').waitFor()
  })

  test('of a file that the review has rejected are not shown', async () => {
    await page.getByRole('button', { name: 'Clear finished' }).click()
    await page.setInputFiles('input[type=file] >> nth=0', PHOTO)
    const row = page.locator('.queue li')
    await row.getByText('waiting for review').waitFor()
    const id = (await row.getByRole('link').getAttribute('href'))!.split('/').at(-1)
    await service.api('POST', `/v2/task/${id}/reject`, { reason: 'A face is left.' })
    await page.reload()
    await row.getByText('rejected in review').waitFor()
    expect(await row.locator('.preview').count()).toBe(0)
  })
})
