/** The real service with its page in a real browser, for all tests of the page. */
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findProgram } from '@obscura/test-servers/requirement'
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { expect, vi } from 'vitest'
import { FIXTURES, obscura, printed, start } from './command.js'

/** Of all users. */
export const PASSWORD = 'page under test'
/** Below the limit of a test, so that a failure names what was waited for. */
const WAIT_MS = 200_000
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

export type PageService = Awaited<ReturnType<typeof startPage>>

/** Starts a service whose administrator is `admin`, and a browser. */
export async function startPage(settings: Record<string, string> = {}) {
  const root = await mkdtemp(path.join(tmpdir(), 'obscura-page-'))
  const env = {
    ...{ OBSCURA_DATA: path.join(root, 'data'), OBSCURA_USERNAME: 'admin', OBSCURA_PASSWORD: PASSWORD },
    ...{ PORT: '0', HOST: '127.0.0.1', ENGINE_PROFILE: 'fast', ENGINE_PROCESSES: '1', ...settings },
  }
  const service = start(['serve'], { env })
  const [, url] = await printed(service, 'stdout', /ready at (http\S+)/)
  const args = ['--no-sandbox', '--enable-unsafe-swiftshader']
  const browser = await chromium.launch({ executablePath: findProgram('chromium'), args, timeout: WAIT_MS })
  const tokens = new Map<string, Promise<string>>()

  /** Adds a user with {@link PASSWORD}. */
  const addUser = (name: string, customer = 'default') =>
    obscura(['user', 'add', name, '--customer', customer, '--password-stdin'], { env, input: PASSWORD })

  async function signInToApi(username: string): Promise<string> {
    const body = JSON.stringify({ username, password: PASSWORD })
    return ((await (await fetch(`${url}/v2/signin`, { method: 'POST', body })).json()) as { AccessToken: string }).AccessToken
  }

  /** The API as a user sees it. */
  const apiOf = (username: string) => async (method: string, route: string, body?: object) => {
    if (!tokens.has(username)) tokens.set(username, signInToApi(username))
    const headers = { authorization: (await tokens.get(username))! }
    const response = await fetch(`${url}${route}`, { method, headers, body: body && JSON.stringify(body) })
    // biome-ignore lint/suspicious/noExplicitAny: the bodies of many routes
    const read: any = response.status === 204 ? undefined : await response.json()
    return { status: response.status, body: read }
  }
  const api = apiOf('admin')

  /** Uploads an image as a user, and waits until it is done. */
  async function upload(name: string, image: Uint8Array<ArrayBuffer>, parameters = {}, username = 'admin'): Promise<number> {
    const call = apiOf(username)
    const { body } = await call('POST', '/v2/task', { name, anonymization_method: 'blur', face: true, ...parameters })
    await fetch(body.upload_url, { method: 'PUT', headers: { 'content-type': 'image/jpeg' }, body: image })
    const status = async () => (await call('GET', `/v2/task/${body.task_id}/status`)).body.task_status
    await vi.waitFor(async () => expect(await status()).toMatch(/done|failed/), { timeout: WAIT_MS, interval: 100 })
    return body.task_id
  }

  /** A page with the form to sign in, in a browser context of its own. */
  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1100, height: 700 }, ...options })
    context.setDefaultTimeout(WAIT_MS)
    const page = await context.newPage()
    await page.goto(url)
    return page
  }

  /** A page on which a user has signed in, in a browser context of its own. */
  async function openSignedIn(options: BrowserContextOptions = {}, username = 'admin'): Promise<Page> {
    const page = await open(options)
    await signIn(page, username)
    await page.locator('.drop').waitFor()
    return page
  }

  async function close(): Promise<void> {
    await browser.close()
    if (service.exitCode === null) {
      service.kill('SIGTERM')
      await once(service, 'close')
    }
    await rm(root, { recursive: true, force: true })
  }

  return { root, url, browser, api, upload, addUser, open, openSignedIn, close }
}

/** Signs in on the form that a page shows. */
export async function signIn(page: Page, username = 'admin'): Promise<void> {
  await page.fill('[name=username]', username)
  await page.fill('[name=password]', PASSWORD)
  await page.click('button[type=submit]')
  await page.locator('[name=password]').waitFor({ state: 'detached' })
}

/** A JPEG photo with faces. */
export const facesPhoto = async (width: number) =>
  new Uint8Array(await sharp(path.join(FIXTURES, 'group-portrait.jpg')).resize(width).jpeg().toBuffer())

/** Answers the page's next question, and returns what it asked once `action` has made it ask. */
export async function answering(page: Page, action: () => Promise<unknown>): Promise<string> {
  const asked = page.waitForEvent('dialog').then(async dialog => {
    await dialog.accept()
    return dialog.message()
  })
  return (await Promise.all([asked, action()]))[0]
}

/** What a page reports as wrong: errors of its console and of its scripts. */
export function problemsOf(page: Page): string[] {
  const problems: string[] = []
  page.on('console', message => message.type() === 'error' && problems.push(message.text()))
  page.on('pageerror', error => problems.push(error.message))
  return problems
}

/** Serious findings of accessibility: the rule and the first element of each. */
export async function seriousFindings(page: Page): Promise<string[][]> {
  // The page's policy forbids scripts of others: the tool is run by the debugger.
  await page.evaluate(await readFile(axe, 'utf8'))
  const { violations } = await page.evaluate<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>(
    'axe.run()',
  )
  return violations.filter(({ impact }) => /serious|critical/.test(impact)).map(({ id, nodes }) => [id, nodes[0].html])
}
