import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Service, startService } from '../test/service.js'

let service: Service
let root: string

/** Builds the page as Vite does: first everything of the last build is removed. */
async function build(version: string): Promise<void> {
  await rm(root, { recursive: true, force: true })
  await mkdir(join(root, 'assets'), { recursive: true })
  await writeFile(join(root, 'index.html'), `<script src="./assets/${version}.js"></script>`)
  await writeFile(join(root, 'assets', `${version}.js`), `'${version}'`)
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'obscura-web-'))
  await build('first')
  service = await startService(dependencies => ({ ...dependencies, webRoot: root }))
})
afterAll(async () => {
  await service.close()
  await rm(root, { recursive: true })
})

const get = (path: string) => service.request('GET', path)

test('a running service serves a page that was built again', async () => {
  for (const version of ['first', 'second']) {
    await build(version)
    const page = await get('/')
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining(`${version}.js`) })
    expect(page.headers.get('cache-control')).toBe('no-cache')
    const script = await get(`/assets/${version}.js`)
    expect(script).toMatchObject({ status: 200, body: `'${version}'` })
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(script.headers.get('content-security-policy')).toBe(page.headers.get('content-security-policy'))
  }
  const gone = await get('/assets/first.js')
  expect([gone.status, gone.body, gone.headers.get('cache-control')]).toEqual([404, { message: 'Not Found' }, 'no-store'])
})

test.each(['/assets/', '/assets/..%2findex.html', '/assets/..%5c..%5cpackage.json', '/assets//etc/passwd', '/assets/%00'])(
  '%s is not a file of the page',
  async path => {
    const { status, body } = await get(path)
    expect([path, status]).toEqual([path, expect.toSatisfy(code => code === 404 || code === 403 || code === 400)])
    expect(JSON.stringify(body)).not.toMatch(/script|root:/)
  },
)
