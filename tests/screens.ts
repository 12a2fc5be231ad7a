/** Comparing screens with how they looked when somebody approved of them. */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import sharp from 'sharp'

const APPROVED = fileURLToPath(new URL('fixtures/screens', import.meta.url))
const SEEN = path.join(tmpdir(), 'obscura-screens')
/** Screens are compared at this fraction: letters blur, and no font of the machine matters. */
const SHRINK = 8

export interface Difference {
  /** Of the mean cell and of the worst one, 0..255. */
  mean: number
  worst: number
}

/**
 * Compares a page with its approved screenshot, or with SCREENS=approve takes that one. What the
 * page looks like now lies in the folder obscura-screens of the temporary folder. The
 * header, the same on all screens, and times are left out.
 */
export async function compareScreen(page: Page, name: string): Promise<Difference> {
  const showHeader = (value: string) =>
    page.evaluate(`for (const header of document.querySelectorAll('header')) header.style.display = '${value}'`)
  await showHeader('none')
  await page.evaluate('Promise.all([...document.images].filter(image => image.src).map(image => image.decode()))')
  const mask = [page.locator('.caption .minor')]
  const shot = await page.screenshot({ animations: 'disabled', caret: 'hide', mask, maskColor: '#808080' })
  await showHeader('')
  const { width, height } = await sharp(shot).metadata()
  const [columns, rows] = [Math.ceil(width / SHRINK), Math.ceil(height / SHRINK)]
  const small = await sharp(shot).resize(columns, rows, { fit: 'fill' }).removeAlpha().png().toBuffer()
  await mkdir(SEEN, { recursive: true })
  await writeFile(path.join(SEEN, `${name}.png`), shot)
  const approved = path.join(APPROVED, `${name}.png`)
  if (process.env.SCREENS === 'approve') {
    await mkdir(APPROVED, { recursive: true })
    await writeFile(approved, small)
  }
  if (!existsSync(approved)) throw new Error(`${approved} is missing: look at ${SEEN}, then run this test with SCREENS=approve.`)
  const [now, then] = await Promise.all([small, approved].map(image => cells(image, columns, rows)))
  const differences = Array.from(now, (value, i) => Math.abs(value - then[i]))
  return { mean: differences.reduce((sum, value) => sum + value, 0) / now.length, worst: Math.max(...differences) }
}

/** Blurred a little: a letter more, or text that wraps a pixel later, must not count. */
const cells = (image: Buffer | string, columns: number, rows: number) =>
  sharp(image).resize(columns, rows, { fit: 'fill' }).removeAlpha().blur(1.5).raw().toBuffer()
