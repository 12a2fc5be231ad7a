/** Correcting and reviewing on the web page, in a real browser, mostly by keys. */
import { missing } from '@obscura/test-servers/requirement'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { facesPhoto, type PageService, seriousFindings, signIn, startPage } from './page-service.js'

describe.skipIf(missing('chromium'))('correcting on the web page', () => {
  let service: PageService
  let page: Page
  let photo: Uint8Array<ArrayBuffer>

  beforeAll(async () => {
    service = await startPage()
    photo = await facesPhoto(640)
  })
  afterAll(() => service?.close())
  beforeEach(async () => {
    page = await service.openSignedIn()
  })
  afterEach(() => page.context().close())

  const upload = (name: string) => service.upload(name, photo, { review: true })
  const detections = async (id: number) => (await service.api('GET', `/v2/task/${id}/detections`)).body
  const correct = (id: number, body: object) => service.api('POST', `/v2/task/${id}/corrections`, body)
  const review = async (id: number) => (await service.api('GET', `/v2/task/${id}/review`)).body
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  /** Waits until an image is shown, and with it takes keys. */
  const isShown = async (name: string) => {
    await page.getByRole('heading', { name }).waitFor()
    await page.locator('.stage > svg .region').first().waitFor({ state: 'attached' })
  }
  /** Shows an image. */
  const show = async (id: number, name: string) => {
    await page.goto(`${service.url}/#/image/${id}`)
    await isShown(name)
  }
  const showNew = async (name: string) => {
    const id = await upload(name)
    await show(id, name)
    return id
  }

  test('by keys, a region is removed, a box is drawn, both are undone and done again, and saved as one revision', async () => {
    const id = await showNew('keys.jpg')
    const before = await detections(id)
    await press('j', 'Delete')
    await page.locator('.stage rect.removed').waitFor({ state: 'attached' })
    await press('n', 'ArrowLeft', ' ', 'ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowDown', 'Enter')
    await page.locator('.stage rect.added').waitFor({ state: 'attached' })
    await press('z', 'z')
    await page.locator('.stage rect.removed, .stage rect.added').waitFor({ state: 'detached' })
    await press('y', 'Control+y', 's')
    await page.getByText('Revisions (1)').waitFor()
    const after = await detections(id)
    expect(after).toMatchObject({ revision: 1, rendered_revision: 1, rendering: 'done' })
    expect(after.regions.length).toBe(before.regions.length)
    expect(after.regions.filter(({ source }: { source: string }) => source === 'user')).toHaveLength(1)
  })

  test('a correction by somebody else is not overwritten: the page says so, and the changes stay for the newest version', async () => {
    const id = await showNew('conflict.jpg')
    await correct(id, { change: [{ id: (await detections(id)).regions[0].id, class: 'person' }] })
    await press('Control+a')
    await page.getByLabel('Method').selectOption('blacken')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Somebody else has corrected this image in the meantime.').waitFor()
    expect((await detections(id)).revision).toBe(1)
    await page.getByRole('button', { name: 'Load the newest version' }).click()
    await page.getByText('Revisions (1)').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Revisions (2)').waitFor()
    const after = await detections(id)
    expect(after.regions.map(({ method }: { method: string }) => method)).toEqual(after.regions.map(() => 'blacken'))
  })

  test('changes that are not saved outlive the end of the session', async () => {
    await showNew('session.jpg')
    await press('j', 'Delete')
    await page.locator('.regions li.removed').waitFor()
    await page.context().clearCookies()
    await page.route('**/v2/**', route => route.fulfill({ status: 401, body: '{}' }))
    await press('s')
    await page.getByText('Your session has expired.').waitFor()
    await page.unroute('**/v2/**')
    await signIn(page)
    await page.locator('.regions li.removed').waitFor()
  })

  test('with the pointer, a click removes a region, and a box, a polygon and a stroke of the brush are drawn', async () => {
    const id = await showNew('pointer.jpg')
    const before = await detections(id)
    const stage = (await page.locator('.stage').boundingBox())!
    const at = (x: number, y: number) => [stage.x + stage.width * x, stage.y + stage.height * y] as const
    const drag = async (from: readonly [number, number], to: readonly [number, number]) => {
      await page.mouse.move(...from)
      await page.mouse.down()
      await page.mouse.move(...to, { steps: 5 })
      await page.mouse.up()
    }
    const tool = (name: string) => page.getByRole('toolbar').getByRole('button', { name, exact: true }).click()
    await tool('Remove')
    const face = (await page.locator('.stage rect.face').first().boundingBox())!
    await page.mouse.click(face.x + face.width / 2, face.y + face.height / 2)
    await page.locator('.stage rect.removed').waitFor({ state: 'attached' })
    await tool('Box')
    await drag(at(0.2, 0.7), at(0.3, 0.8))
    await tool('Polygon')
    for (const [x, y] of [
      [0.4, 0.7],
      [0.5, 0.7],
      [0.45, 0.8],
    ])
      await page.mouse.click(...at(x, y))
    await press('Enter')
    await tool('Brush')
    await drag(at(0.6, 0.7), at(0.7, 0.8))
    await page.locator('.stage path.added').waitFor({ state: 'attached' })
    await page.reload()
    await page.locator('.stage path.added').waitFor({ state: 'attached' })
    expect(await page.locator('.stage .added').count()).toBe(3)
    await press('s')
    await page.getByText('Revisions (1)').waitFor()
    const { regions } = await detections(id)
    expect(regions.length).toBe(before.regions.length + 2)
    const drawn = regions.slice(-3)
    expect(drawn.map(({ shape }: { shape: string }) => shape)).toEqual(['rectangle', 'outline', 'outline'])
    expect(drawn[2].mask.rows.length).toBeGreaterThan(10)
  })

  test('goes back to what was detected', async () => {
    const id = await upload('back.jpg')
    const box = [10, 10, 60, 60]
    expect((await correct(id, { add: [{ class: 'face', box }] })).status).toBeLessThan(300)
    await show(id, 'back.jpg')
    await page.getByText('Revisions (1)').click()
    await page.getByRole('button', { name: 'Go back to revision 0' }).click()
    await page.getByText('Revisions (2)').waitFor()
    expect((await detections(id)).regions.every(({ source }: { source: string }) => source === 'detector')).toBe(true)
  })

  test('an image without corrections takes one key, and the next one is shown at the same place', async () => {
    const names = ['0.jpg', '1.jpg', '2.jpg']
    const ids: number[] = []
    for (const name of names) ids.push(await upload(name))
    await page.goto(`${service.url}/#/images`)
    await page.getByLabel('Review', { exact: true }).selectOption('pending')
    await page.getByRole('link', { name: names[2] }).click()
    await isShown(names[2])
    await press('+')
    const zoomed = await page.locator('.stage > svg').getAttribute('style')
    for (const i of [2, 1]) {
      await press('a')
      await isShown(names[i - 1])
      expect((await review(ids[i])).review_status).toBe('approved')
    }
    expect(await page.locator('.stage > svg').getAttribute('style')).toBe(zoomed)
  })

  test('while an image is loading, keys do nothing, and the page says so', async () => {
    const id = await upload('slow.jpg')
    let finish = () => {}
    const held = new Promise<void>(resolve => {
      finish = resolve
    })
    await page.route('**/files/**', async route => {
      await held
      await route.continue()
    })
    await page.goto(`${service.url}/#/image/${id}`)
    await page.getByRole('heading', { name: 'slow.jpg' }).waitFor()
    await page.getByText('The image is loading. Keys work once it is shown.').waitFor()
    await press('a')
    finish()
    await isShown('slow.jpg')
    expect(await page.getByText('The image is loading').count()).toBe(0)
    expect((await review(id)).review_status).toBe('pending')
  })

  test('rejects with a reason that is text, whatever it says, and where no image follows, it can be decided again', async () => {
    const id = await upload('rejected.jpg')
    await service.api('POST', `/v2/task/${id}/reject`, { reason: 'blurred' })
    await page.goto(`${service.url}/#/images`)
    await page.getByLabel('Review', { exact: true }).selectOption('rejected')
    await page.getByRole('link', { name: 'rejected.jpg' }).click()
    await isShown('rejected.jpg')
    const bar = page.getByRole('region', { name: 'Review' })
    await press('a')
    await bar.getByText('approved').waitFor()
    const reason = '<img src=x onerror=document.title="run">'
    await bar.getByRole('button', { name: 'Reject' }).click()
    await page.getByLabel('Reason').fill(reason)
    await press('Enter')
    await bar.getByText(reason).waitFor()
    expect(await page.title()).toBe('Obscura')
    expect(await review(id)).toMatchObject({ review_status: 'rejected', reason })
  })

  test('many images are approved at once', async () => {
    const names = ['many 1.jpg', 'many 2.jpg']
    const ids = await Promise.all(names.map(upload))
    await page.goto(`${service.url}/#/images`)
    await page.getByLabel('Review', { exact: true }).selectOption('pending')
    for (const name of names) await page.getByLabel(`Select ${name}`).check()
    await page.getByRole('button', { name: 'Approve (2)' }).click()
    for (const name of names) await page.getByLabel(`Select ${name}`).waitFor({ state: 'detached' })
    for (const id of ids) expect((await review(id)).review_status).toBe('approved')
  })

  test.each(['light', 'dark'] as const)('has no serious finding of accessibility when it is %s', async colorScheme => {
    await page.emulateMedia({ colorScheme })
    await page.getByText('Drop images or folders here').waitFor()
    expect(await seriousFindings(page)).toEqual([])
    const name = `${colorScheme}.jpg`
    await showNew(name)
    expect(await seriousFindings(page)).toEqual([])
    await page.goto(`${service.url}/#/images`)
    await page.getByLabel(`Select ${name}`).waitFor()
    expect(await seriousFindings(page)).toEqual([])
  })
})
