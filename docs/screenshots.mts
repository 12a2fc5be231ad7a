/** Makes the pictures of docs/web-page.md: npx tsx docs/screenshots.mts (needs Chromium). */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findProgram } from '@obscura/test-servers/requirement'
import { chromium } from 'playwright-core'
import { FIXTURES, printed, start } from '../tests/command.js'

const folder = await mkdtemp(path.join(tmpdir(), 'obscura-screenshots-'))
const service = start(['serve'], {
  env: { OBSCURA_DATA: folder, OBSCURA_USERNAME: 'admin', OBSCURA_PASSWORD: 'only for pictures', PORT: '0', HOST: '127.0.0.1' },
})
const [, url] = await printed(service, 'stdout', /ready at (http\S+)/)
const browser = await chromium.launch({ executablePath: findProgram('chromium'), args: ['--no-sandbox'] })
const page = await browser.newPage({ viewport: { width: 1100, height: 640 }, locale: 'en-US', colorScheme: 'light' })
const picture = (name: string) => page.screenshot({ path: path.join('docs/images', name), type: 'jpeg', quality: 85 })

await page.goto(url)
await page.fill('[name=username]', 'admin')
await page.fill('[name=password]', 'only for pictures')
await page.click('button[type=submit]')
const photos = ['street-taxis.jpg', 'group-portrait.jpg'].map(name => path.join(FIXTURES, name))
await page.setInputFiles('input[type=file] >> nth=0', photos)
await page.getByText('2 of 2 done').waitFor({ timeout: 120_000 })
await picture('web-page-upload.jpg')
await page.getByRole('link', { name: 'group-portrait.jpg' }).click()
await page.locator('.stage rect').first().waitFor({ state: 'attached' })
await page.keyboard.press('c')
await page.locator('.stage img[alt=Original]').waitFor()
await page.waitForLoadState('networkidle')
await picture('web-page-viewer.jpg')

await browser.close()
service.kill('SIGTERM')
await rm(folder, { recursive: true, force: true })
