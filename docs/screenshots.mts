/**
 * Makes the screenshots of docs/web-page.md and the animation of the README: npx tsx
 * docs/screenshots.mts (needs Chromium).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findProgram } from '@obscura/test-servers/requirement'
import { chromium } from 'playwright-core'
import sharp from 'sharp'
import { FIXTURES, printed, start } from '../tests/command.js'

const folder = await mkdtemp(path.join(tmpdir(), 'obscura-screenshots-'))
const service = start(['serve'], {
  env: {
    OBSCURA_DATA: folder,
    OBSCURA_USERNAME: 'admin',
    OBSCURA_PASSWORD: 'only for screenshots',
    PORT: '0',
    HOST: '127.0.0.1',
  },
})
const [, url] = await printed(service, 'stdout', /ready at (http\S+)/)
const browser = await chromium.launch({ executablePath: findProgram('chromium'), args: ['--no-sandbox'] })
const page = await browser.newPage({ viewport: { width: 1100, height: 640 }, locale: 'en-US', colorScheme: 'light' })
const screenshot = (name: string) => page.screenshot({ path: path.join('docs/images', name), type: 'jpeg', quality: 85 })

/** The animation: each frame and how long it is shown, in milliseconds. */
const frames: { image: Buffer; ms: number }[] = []
const frame = async (ms: number) => frames.push({ image: await page.screenshot({ type: 'png', caret: 'hide' }), ms })

await page.goto(url)
await page.fill('[name=username]', 'admin')
await page.fill('[name=password]', 'only for screenshots')
await page.click('button[type=submit]')
await page.locator('.drop').waitFor()
await frame(1200)
const upload = (name: string) => page.setInputFiles('input[type=file] >> nth=0', path.join(FIXTURES, name))
await upload('street-taxis.jpg')
await page.locator('.queue li').first().waitFor()
await frame(900)
// Nobody has a license plate in a room.
await page.locator('.parameters select').first().selectOption({ label: 'Faces only' })
await frame(700)
await upload('group-portrait.jpg')
await page.locator('.queue li').nth(1).waitFor()
await frame(900)
await page.getByText('2 of 2 done').waitFor({ timeout: 300_000 })
await page.locator('.queue .preview img').nth(1).waitFor()
await frame(1800)
await screenshot('web-page-upload.jpg')
await page.getByRole('link', { name: 'group-portrait.jpg' }).click()
await page.locator('.stage rect').first().waitFor({ state: 'attached' })
await page.locator('.stage canvas[data-state=sharp]').waitFor()
await frame(1500)
await page.keyboard.press('c')
await page.getByRole('img', { name: 'Original' }).waitFor()
await page.waitForLoadState('networkidle')
for (let step = 0; step <= 24; step++) {
  await page.locator('input.border').fill(String(0.5 + 0.42 * Math.sin((step / 24) * 2 * Math.PI)))
  await frame(step % 24 === 0 ? 700 : 90)
}
await page.locator('input.border').blur()
await screenshot('web-page-viewer.jpg')
await page.keyboard.press('c')
await page.getByRole('img', { name: 'Original' }).waitFor({ state: 'detached' })
await page.keyboard.press('p')
const stage = (await page.locator('.stage').boundingBox())!
for (const [x, y] of [
  [0.115, 0.85],
  [0.155, 0.985],
  [0.04, 0.99],
  [0.012, 0.9],
  [0.02, 0.855],
]) {
  await page.mouse.click(stage.x + stage.width * x, stage.y + stage.height * y)
  await frame(350)
}
await page.keyboard.press('Enter')
await page.locator('.stage polygon.added').waitFor({ state: 'attached' })
await page.keyboard.press('v')
await page.locator('.regions button').last().click()
await page.keyboard.press('0')
await page.waitForTimeout(1000)
await frame(1500)
await screenshot('web-page-correct.jpg')
await sharp(await Promise.all(frames.map(({ image }) => sharp(image).resize(880).png().toBuffer())), { join: { animated: true } })
  .webp({ quality: 60, effort: 4, loop: 0, delay: frames.map(({ ms }) => ms) })
  .toFile('docs/images/web-page.webp')

await browser.close()
service.kill('SIGTERM')
await rm(folder, { recursive: true, force: true })
