/**
 * Downloads a file of which size and SHA-256 are known. It is written aside (`TARGET.HASH.part`),
 * continued after an interruption, and gets its name only after it has been verified.
 */
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { certificateAdvice } from '@obscura/shared'
import { getProxyForUrl } from 'proxy-from-env'
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici'
import { sha256Of } from './sha256.js'

/** Connections that are tried for one file; each continues where the last one stopped. */
const MAX_TRIES = 5
/** Pause before the second try; doubled for each further one. */
const PAUSE_MS = 1000
/** A server that sends nothing for this long is given up. */
const SILENCE_MS = 30_000
const MAX_REDIRECTS = 10
/** For files of unknown size: no detector is larger. */
const MAX_BYTES = 4e9

/** The file could not be downloaded or is not the expected one; `message` is for the user. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError'
}

/** The connection or the server failed; another try may succeed. */
class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
}

/** What is downloaded, as its publisher or the catalogue describes it. */
export interface Remote {
  /** https only. */
  url: string
  /** 64 lower-case hex digits. */
  sha256: string
  bytes?: number
}

/** How a download is watched and ended. */
export interface DownloadOptions {
  /**
   * Called with the bytes that are there, from this and earlier downloads, and the bytes in all.
   */
  onProgress?(bytes: number, total: number | undefined): void
  signal?: AbortSignal
  /** Certificates of authorities (PEM) to trust instead of those that Node.js trusts. */
  ca?: Buffer
  /** Default: 1000. */
  pauseMs?: number
}

/**
 * Downloads `remote` to `target`. What has arrived remains for the next call when it fails or is
 * interrupted; a file with a wrong size or hash is removed.
 * @throws DownloadError; the signal's reason when aborted
 */
export async function download(remote: Remote, target: string, options: DownloadOptions = {}): Promise<void> {
  const { pauseMs = PAUSE_MS, signal } = options
  const part = `${target}.${remote.sha256.slice(0, 12)}.part`
  secure(remote.url)
  await mkdir(dirname(target), { recursive: true })
  for (let tries = 1; ; tries++) {
    try {
      await receive(remote, part, options)
      break
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof InterruptedError)) throw error
      if (tries === MAX_TRIES)
        throw new DownloadError(
          `${error.message} after ${MAX_TRIES} tries. Run the command again: it continues where it stopped.`,
        )
      await pause(pauseMs * 2 ** (tries - 1), undefined, { signal })
    }
  }
  await verify(part, remote)
  await rename(part, target)
}

/** Receives what is missing of a file. */
async function receive(remote: Remote, part: string, options: DownloadOptions): Promise<void> {
  const file = await open(part, 'a')
  try {
    const { size } = await file.stat()
    if (size === remote.bytes) return
    const { statusCode, headers, body } = await get(remote.url, size, options)
    // An error of a body that nobody reads would end the process.
    body.on('error', () => {})
    try {
      const start = await startOf(statusCode, headers['content-range'], size, file)
      await save(body, file, { start, limit: remote.bytes ?? MAX_BYTES, total: remote.bytes, ...options })
    } finally {
      body.destroy()
    }
    await file.sync()
  } finally {
    const { size } = await file.stat()
    await file.close()
    if (size === 0) await rm(part)
  }
}

/** Requests a file from byte `from` on and follows redirects. */
async function get(url: string, from: number, { signal, ca }: DownloadOptions): Promise<Dispatcher.ResponseData> {
  const headers = { 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) }
  let address = secure(url)
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const dispatcher = agentFor(address, ca)
    const response = await request(address, {
      ...{ dispatcher, signal, headers, headersTimeout: SILENCE_MS, bodyTimeout: SILENCE_MS },
    }).catch(error => {
      throw failed(address, error)
    })
    const { location } = response.headers
    if (response.statusCode < 300 || response.statusCode > 399 || typeof location !== 'string') return response
    response.body.on('error', () => {}).destroy()
    address = secure(new URL(location, address).href)
  }
  throw new DownloadError(`${url} is redirected more than ${MAX_REDIRECTS} times.`)
}

/**
 * Connects through the proxy that HTTPS_PROXY and NO_PROXY select for an address, or directly.
 * @throws DownloadError for an invalid proxy setting
 */
function agentFor(address: string, ca: Buffer | undefined): Dispatcher {
  const proxy = getProxyForUrl(address)
  if (!proxy) return new Agent({ connect: { ca } })
  try {
    return new ProxyAgent({ uri: proxy, requestTls: { ca } })
  } catch {
    throw new DownloadError('HTTPS_PROXY is invalid. Expected http://HOST:PORT or http://USER:PASSWORD@HOST:PORT.')
  }
}

/** @throws DownloadError unless the address is https */
function secure(url: string): string {
  if (URL.canParse(url) && new URL(url).protocol === 'https:') return url
  throw new DownloadError(`${url} is not an https address. Models are only downloaded over https; use --file for a local file.`)
}

function failed(address: string, error: unknown): Error {
  const { message, cause } = error as Error
  const reason = `${new URL(address).host}: ${(cause as Error | undefined)?.message ?? message}`
  const advice = certificateAdvice(error)
  return advice ? new DownloadError(`${reason}. ${advice}`) : new InterruptedError(`${reason},`)
}

/**
 * The position in the file at which the body of a response begins; the file is cut there.
 * @throws InterruptedError when the response cannot be used, but another may; DownloadError
 */
async function startOf(status: number, range: unknown, size: number, file: FileHandle): Promise<number> {
  if (status === 206 && String(range).startsWith(`bytes ${size}-`)) return size
  // The server ignores ranges, or what is there is not a part of its file.
  if (status === 200 || status === 206 || status === 416) await file.truncate(0)
  if (status === 200) return 0
  const problem = `The server responded with status ${status}`
  if (status === 206 || status === 416 || status === 408 || status === 429 || status >= 500) throw new InterruptedError(problem)
  throw new DownloadError(`${problem}. The file may have moved: download it by other means and use --file.`)
}

interface Saving extends DownloadOptions {
  start: number
  limit: number
  total: number | undefined
}

async function save(body: AsyncIterable<Buffer>, file: FileHandle, { start, limit, total, onProgress }: Saving): Promise<void> {
  let bytes = start
  onProgress?.(bytes, total)
  const chunks = body[Symbol.asyncIterator]()
  for (;;) {
    const { done, value } = await chunks.next().catch(error => {
      throw new InterruptedError(`The connection was interrupted (${(error as Error).message})`)
    })
    if (done) break
    bytes += value.length
    if (bytes > limit) {
      await file.truncate(0)
      throw new DownloadError(`The server sent more than the expected ${limit} bytes.`)
    }
    await file.appendFile(value)
    onProgress?.(bytes, total)
  }
  if (total !== undefined && bytes < total)
    throw new InterruptedError(`The connection was interrupted after ${bytes} of ${total} bytes`)
}

/**
 * Compares a file to what is known of it, and removes it if it is another one.
 * @throws DownloadError
 */
async function verify(part: string, { sha256 }: Remote): Promise<void> {
  const found = await sha256Of(part)
  if (found === sha256) return
  await rm(part)
  throw new DownloadError(
    `The file has the SHA-256 ${found} instead of ${sha256}. It was removed: it has been replaced by its publisher or by somebody else.`,
  )
}
