/** The list of images on the web page in a real browser: filters, ZIP files, deletion. */
import { readFile } from 'node:fs/promises'
import { missing } from '@obscura/test-servers/requirement'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answering, type PageService, startPage } from './page-service.js'

/** More than are packed in memory. */
const MANY = 21
/** West of UTC, where a day of UTC has begun in the afternoon before. */
const HONOLULU = { timezoneId: 'Pacific/Honolulu', hoursBehind: 10 }

describe.skipIf(missing('chromium'))('the list of images', () => {
  let service: PageService
  let page: Page
  let image: Uint8Array<ArrayBuffer>

  const upload = (name: string, file: Uint8Array<ArrayBuffer>, username?: string) =>
    service.upload(name, file, { face: false, license_plate: true, binary_segmentation_mask: true }, username)
  const show = async (username?: string) => {
    page = await service.openSignedIn({ timezoneId: HONOLULU.timezoneId }, username)
    await page.goto(`${service.url}/#/images`)
  }

  beforeAll(async () => {
    service = await startPage()
    for (const name of ['ben', 'eva']) await service.addUser(name, name)
    const create = { width: 48, height: 32, channels: 3, background: '#557799' } as const
    image = new Uint8Array(await sharp({ create }).jpeg().toBuffer())
    await upload('blue.jpg', image)
    await upload('broken.jpg', new TextEncoder().encode('no image'))
  })
  afterAll(() => service?.close())
  beforeEach(() => show())
  afterEach(() => page.context().close())

  const names = async () => (await page.locator('.grid .name').allInnerTexts()).sort()
  /** A day in the page's time zone, as its field takes it. */
  const day = (offset: number) =>
    new Date(Date.now() - HONOLULU.hoursBehind * 3_600_000 + offset * 86_400_000).toISOString().slice(0, 10)
  /** Presses a button that saves a ZIP file. @returns its bytes */
  async function saved(button: string): Promise<Buffer> {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()])
    return readFile(await download.path())
  }
  const selectAll = async (count: number) => {
    await page
      .locator('.grid li')
      .nth(count - 1)
      .waitFor()
    await page.getByRole('button', { name: 'Select all shown' }).click()
    await page.getByText(`${count} selected`).waitFor()
  }

  test('is filtered by status, and says in words why an image failed and what to do', async () => {
    await page.getByLabel('failed', { exact: true }).check()
    await expect.poll(names).toEqual(['broken.jpg'])
    await page.getByText('The file is damaged and cannot be read. Export it again').waitFor()
    await page.getByLabel('All', { exact: true }).check()
    await expect.poll(names).toEqual(['blue.jpg', 'broken.jpg'])
  })

  test('is that of the filter, even if the response to an earlier one comes last', async () => {
    const answered: (() => void)[] = []
    await page.route('**/v2/task/list?*task_status=failed*', async route => {
      await new Promise<void>(resolve => answered.push(resolve))
      await route.continue()
    })
    await page.getByLabel('failed', { exact: true }).check()
    await expect.poll(() => answered.length).toBe(1)
    await page.getByLabel('done', { exact: true }).check()
    await expect.poll(names).toEqual(['blue.jpg'])
    const late = page.waitForResponse('**/v2/task/list?*task_status=failed*')
    answered[0]()
    await (await late).finished()
    // What the page does with it, it has done before it runs what comes after.
    await page.evaluate('new Promise(resolve => setTimeout(resolve))')
    expect(await names()).toEqual(['blue.jpg'])
  })

  test('is filtered by days of the time zone of its reader', async () => {
    await page.getByLabel('From').fill(day(0))
    await page.getByLabel('to', { exact: true }).fill(day(0))
    await expect.poll(names).toEqual(['blue.jpg', 'broken.jpg'])
    await page.getByLabel('to', { exact: true }).fill('')
    await page.getByLabel('From').fill(day(1))
    await page.getByText('No images').waitFor()
    await page.getByLabel('From').fill('')
    await page.getByLabel('to', { exact: true }).fill(day(-1))
    await page.getByText('No images').waitFor()
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.locator('.grid li').nth(1).waitFor()
  })

  test('is saved as a ZIP file with masks and metadata, and what is not in it is named', async () => {
    await selectAll(2)
    const zip = await saved('Download as ZIP with masks and metadata')
    expect(entries(zip)).toEqual(['blue.jpg', 'blue.binary.png', 'blue.json'])
    expect(zip.toString('latin1')).toContain('"binary_segmentation_mask": true')
    expect(zip.toString('latin1')).not.toContain('signature')
    await page.getByText('One image is not in the ZIP file. broken.jpg: The file is damaged').waitFor()
  })

  test('names what has no labels, because nobody has checked it', async () => {
    await selectAll(2)
    expect(entries(await saved('Download labels'))).toEqual(['annotations.json', 'coco.json'])
    await page.getByText(/2 images are not in the ZIP file.*Nobody has approved or corrected it/).waitFor()
  })

  test('deletes many after a question', async () => {
    await Promise.all(['1.jpg', '2.jpg'].map(name => upload(name, image, 'ben')))
    await page.context().close()
    await show('ben')
    await selectAll(2)
    const question = await answering(page, () => page.getByRole('button', { name: 'Delete' }).click())
    expect(question).toBe('Delete the files of 2 images for good?')
    await page.getByText('No images').waitFor()
  })

  test('of many images is written to disk as it is packed, all of them under names of their own', async () => {
    await Promise.all(Array.from({ length: MANY }, () => upload('../same.jpg', image, 'eva')))
    await page.context().close()
    await show('eva')
    // The browser's dialog cannot be driven: the file is one of the page's own file system.
    await page.evaluate(`showSaveFilePicker = async ({ suggestedName }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })`)
    await selectAll(MANY)
    const button = page.getByRole('button', { name: 'Download as ZIP', exact: true })
    await button.click()
    await expect.poll(() => button.isEnabled()).toBe(true)
    const file = await page.evaluate<string>(`navigator.storage.getDirectory().then(async folder =>
      new Promise(async resolve => {
        const reader = new FileReader()
        reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1))
        reader.readAsDataURL(await (await folder.getFileHandle('anonymized.zip')).getFile())
      }))`)
    const packed = entries(Buffer.from(file, 'base64'))
    expect(packed).toHaveLength(MANY)
    expect(new Set(packed).size).toBe(MANY)
    expect(packed).toEqual(expect.arrayContaining(['same.jpg', 'same (2).jpg', `same (${MANY}).jpg`]))
  })
})

/** The names in the central directory of a ZIP file. */
function entries(zip: Buffer): string[] {
  const names: string[] = []
  for (let at = zip.indexOf('PK\x01\x02', 0, 'latin1'); at >= 0; at = zip.indexOf('PK\x01\x02', at + 4, 'latin1'))
    names.push(zip.toString('utf8', at + 46, at + 46 + zip.readUInt16LE(at + 28)))
  return names
}
