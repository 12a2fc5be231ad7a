/**
 * The whole way on the web page in a real browser, on PostgreSQL, Redis and S3: the browser sends
 * files to the S3 server and reads them from it.
 */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { startCeph } from '@obscura/test-servers/ceph'
import { startPostgres } from '@obscura/test-servers/postgres'
import { startRedis } from '@obscura/test-servers/redis'
import { missing } from '@obscura/test-servers/requirement'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { obscura } from './command.js'
import { facesPhoto, PASSWORD, type PageService, problemsOf, startPage } from './page-service.js'

const PROGRAMS = ['chromium', 'initdb', 'redis-server', 'radosgw'] as const
const NAMES = ['north.jpg', 'east.jpg', 'south.jpg']

describe.skipIf(PROGRAMS.some(missing))('the web page on the services of production', () => {
  let service: PageService
  let store: string
  const endings: (() => unknown)[] = []

  beforeAll(async () => {
    const [postgres, redis, s3] = await Promise.all([startPostgres(), startRedis(), startCeph()])
    endings.push(postgres.stop, redis.stop, s3.stop)
    store = s3.endpoint
    const settings = {
      DATABASE_URL: await postgres.createDatabase(),
      REDIS_URL: redis.url,
      S3_ENDPOINT: s3.endpoint,
      S3_ACCESS_KEY_ID: s3.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
      OBSCURA_PASSWORD: PASSWORD,
    }
    expect((await obscura(['setup'], { env: settings })).stdout).toContain('Signed URLs work in browsers.')
    service = await startPage(settings)
    endings.unshift(service.close)
  })
  afterAll(async () => {
    for (const end of endings) await end()
  })

  test('photos are uploaded, corrected, approved and downloaded', async () => {
    const page = await service.openSignedIn()
    const problems = problemsOf(page)
    const requests: string[] = []
    page.on('request', request => requests.push(`${request.method()} ${new URL(request.url()).origin}`))
    const files = NAMES.map(name => path.join(service.root, name))
    for (const [i, file] of files.entries()) await writeFile(file, await facesPhoto(640 + 2 * i))

    await page.getByText('All parameters').click()
    await page.getByLabel('review', { exact: true }).check()
    await page.setInputFiles('input[type=file] >> nth=0', files)
    await expect.poll(() => page.locator('.queue li', { hasText: 'waiting for review' }).count()).toBe(NAMES.length)
    expect(requests.filter(request => request === `PUT ${store}`)).toHaveLength(NAMES.length)

    await page.getByRole('link', { name: NAMES[0] }).click()
    await page.locator('.stage > svg .region').first().waitFor({ state: 'attached' })
    await page.keyboard.press('j')
    await page.keyboard.press('Delete')
    await page.keyboard.press('s')
    await page.getByText('Revisions (1)').waitFor()
    await page.keyboard.press('c')
    await page.getByRole('img', { name: 'Original' }).waitFor()
    expect(requests).toContain(`GET ${store}`)
    const id = page.url().split('/').at(-1)
    await page.keyboard.press('a')
    const review = async () => (await service.api('GET', `/v2/task/${id}/review`)).body
    await expect.poll(review).toMatchObject({ review_status: 'approved' })

    await page.goto(`${service.url}/#/image/${id}`)
    await page.getByRole('heading', { name: NAMES[0] }).waitFor()
    await page.locator('.stage > svg .region').first().waitFor({ state: 'attached' })
    const button = page.getByRole('button', { name: 'Download' })
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()])
    expect(download.suggestedFilename()).toBe(NAMES[0])
    const saved = await readFile(await download.path())
    expect(await sharp(saved).metadata()).toMatchObject({ format: 'jpeg', width: 640 })
    expect(saved.equals(await readFile(files[0]))).toBe(false)
    expect(problems, 'errors, and rules of the policy of the page that were broken').toEqual([])
  })
})
