/** The page "Usage" in a real browser. */
import { missing } from '@obscura/test-servers/requirement'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { facesPhoto, type PageService, problemsOf, startPage } from './page-service.js'

describe.skipIf(missing('chromium'))('the page "Usage"', () => {
  let service: PageService

  beforeAll(async () => {
    service = await startPage()
    await service.addUser('ben', 'Graz')
    await service.upload('group.jpg', await facesPhoto(640), {}, 'ben')
  })
  afterAll(() => service?.close())

  const open = async (username: string) => {
    const page = await service.openSignedIn({}, username)
    const problems = problemsOf(page)
    await page.getByRole('link', { name: 'Usage' }).click()
    await page.locator('.figures').waitFor()
    return { page, problems }
  }
  const figure = (page: Page, name: string) => page.locator('.figures div', { hasText: name }).locator('dd').innerText()

  test('shows what was done, and how much is stored', async () => {
    const { page, problems } = await open('ben')
    await page.getByRole('heading', { name: 'Usage' }).waitFor()
    expect(await figure(page, 'Images done')).toBe('1')
    expect(Number(await figure(page, 'Detections'))).toBeGreaterThan(0)
    expect(await figure(page, 'Time per image')).toMatch(/sec|min/)
    for (const name of ['Originals stored', 'Results stored']) expect(await figure(page, name)).toMatch(/kB/)
    expect(await page.locator('.chart').count()).toBe(4)
    expect(await page.getByLabel('All customers').count()).toBe(0)
    expect(problems).toEqual([])
  })

  test('shows an administrator all customers, or one of them', async () => {
    const { page, problems } = await open('admin')
    expect(await figure(page, 'Images done')).toBe('0')
    await page.getByLabel('All customers').check()
    await page.getByLabel('Customer', { exact: true }).selectOption('Graz')
    await expect.poll(() => figure(page, 'Images done')).toBe('1')
    expect(problems).toEqual([])
  })
})
