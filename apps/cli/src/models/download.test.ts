import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates } from '@obscura/test-servers/certificates'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DownloadError, download } from './download.js'
import { cut, file, type Origin, redirect, startOrigin, startProxy, type Tunnel } from './test/origin.js'

const CONTENT = randomBytes(300_000)
const SHA256 = createHash('sha256').update(CONTENT).digest('hex')

let folder: string
let ca: Buffer
let origin: Origin
let proxy: Tunnel
let target: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'download-'))
  const certificates = await makeCertificates(folder)
  ca = readFileSync(certificates.caFile)
  proxy = await startProxy()
  origin = await startOrigin(certificates, {
    '/net.onnx': file(CONTENT),
    '/cut': cut(CONTENT, 100_000),
    '/never': cut(CONTENT, 0),
    '/without-ranges': (_request, response) => response.end(CONTENT),
    '/longer': file(Buffer.concat([CONTENT, Buffer.from('more')])),
    '/other': file(randomBytes(CONTENT.length)),
    '/moved': redirect('/net.onnx'),
    '/moved-away': redirect('http://localhost:1/net.onnx'),
    '/circle': redirect('/circle', 307),
    '/busy': (_request, response) => response.writeHead(503).end(),
  })
})
afterAll(async () => {
  await Promise.all([origin.close(), proxy.close()])
  await rm(folder, { recursive: true })
})

beforeEach(() => {
  target = join(folder, `models-${randomBytes(4).toString('hex')}`, 'net.onnx')
  origin.asked.length = 0
  proxy.tunnels.length = 0
})
afterEach(() => {
  delete process.env.HTTPS_PROXY
  delete process.env.NO_PROXY
})

const get = (path: string, more: { bytes?: number; sha256?: string; signal?: AbortSignal } = { bytes: CONTENT.length }) => {
  const { signal, ...rest } = more
  return download({ url: origin.url + path, sha256: SHA256, ...rest }, target, { ca, pauseMs: 1, signal })
}
const left = () => (existsSync(join(target, '..')) ? readdirSync(join(target, '..')) : [])

describe('a file arrives whole', () => {
  test.each(['/net.onnx', '/moved', '/without-ranges'])('from %s', async path => {
    await get(path)
    expect(readFileSync(target).equals(CONTENT)).toBe(true)
    expect(left()).toEqual(['net.onnx'])
  })

  test('of unknown size', async () => {
    await get('/net.onnx', {})
    expect(readFileSync(target).equals(CONTENT)).toBe(true)
  })

  test('through interrupted connections, each continuing the last', async () => {
    await get('/cut')
    expect(readFileSync(target).equals(CONTENT)).toBe(true)
    expect(origin.asked.map(({ range }) => range)).toEqual([undefined, 'bytes=100000-', 'bytes=200000-'])
  })

  test('after an interruption, continuing the partial file', async () => {
    const stop = new AbortController()
    const options = { ca, signal: stop.signal, onProgress: (bytes: number) => void (bytes > 0 && stop.abort()) }
    await expect(download({ url: `${origin.url}/cut`, sha256: SHA256 }, target, options)).rejects.toThrow('abort')
    expect(existsSync(target)).toBe(false)
    expect(left()).toEqual([`net.onnx.${SHA256.slice(0, 12)}.part`])
    origin.asked.length = 0
    await get('/net.onnx')
    expect(origin.asked[0].range).toMatch(/^bytes=\d{4,}-$/)
    expect(readFileSync(target).equals(CONTENT)).toBe(true)
  })

  test('even when the partial file is longer than the file', async () => {
    await get('/never').catch(() => {})
    writeFileSync(`${target}.${SHA256.slice(0, 12)}.part`, randomBytes(CONTENT.length + 1))
    await get('/net.onnx')
    expect(readFileSync(target).equals(CONTENT)).toBe(true)
  })

  test('through the proxy of HTTPS_PROXY, with its password', async () => {
    process.env.HTTPS_PROXY = proxy.url
    await get('/moved')
    expect(proxy.tunnels[0]).toBe(new URL(origin.url).host)
    expect(readFileSync(target).equals(CONTENT)).toBe(true)
  })

  test('directly from a host of NO_PROXY', async () => {
    process.env.HTTPS_PROXY = proxy.url
    process.env.NO_PROXY = 'localhost'
    await get('/net.onnx')
    expect(proxy.tunnels).toEqual([])
  })
})

describe('nothing is kept of', () => {
  test.each([
    ['a file with another hash', '/other', /has the SHA-256 [0-9a-f]{64} instead of .*It was removed/],
    ['a file that is longer than expected', '/longer', /more than the expected 300000 bytes/],
  ])('%s', async (_, path, message) => {
    await expect(get(path)).rejects.toThrow(message)
    expect(existsSync(target)).toBe(false)
    expect(left()).toEqual([])
  })
})

describe('an understandable error ends', () => {
  test.each([
    ['an address without TLS', 'http://localhost:1/net.onnx', /is not an https address/],
    ['something other than an address', 'net.onnx', /is not an https address/],
  ])('%s', async (_, url, message) => {
    await expect(download({ url, sha256: SHA256 }, target, { ca })).rejects.toThrow(message)
  })

  test.each([
    ['a redirect away from https', '/moved-away', /http:\/\/localhost:1\/net.onnx is not an https address/],
    ['endless redirects', '/circle', /redirected more than 10 times/],
    ['a missing file', '/nothing', /status 404.*--file/],
    ['a server that stays busy', '/busy', /status 503 after 5 tries/],
    ['connections that are always cut', '/never', /interrupted.*after 5 tries.*continues where it stopped/],
  ])('%s', async (_, path, message) => {
    const error = await get(path).catch(error => error)
    expect(error).toBeInstanceOf(DownloadError)
    expect(error.message).toMatch(message)
  })

  test('a server of an unknown authority', async () => {
    const untrusting = download({ url: `${origin.url}/net.onnx`, sha256: SHA256 }, target)
    await expect(untrusting).rejects.toThrow(/unknown authority. Set NODE_EXTRA_CA_CERTS/)
    expect(origin.asked).toEqual([])
  })

  test('a proxy that refuses', async () => {
    process.env.HTTPS_PROXY = proxy.url.replace('word', 'wrong')
    await expect(get('/net.onnx')).rejects.toThrow(/407/)
  })

  test('an invalid proxy setting', async () => {
    process.env.HTTPS_PROXY = 'http://proxy example:1'
    await expect(download({ url: `${origin.url}/net.onnx`, sha256: SHA256 }, target)).rejects.toThrow(/HTTPS_PROXY.*invalid/)
  })
})
