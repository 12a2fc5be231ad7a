/** Sends a POST request to a customer's URL, which must not reach our own network. */
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { resolveHost } from './resolve-host.js'

/**
 * The request was refused or did not end with a 2xx status; the message says why, without the
 * receiver's name or address: it is logged.
 */
export class WebhookRequestError extends Error {
  override readonly name = 'WebhookRequestError'
}

/** Which addresses a request may go to, and for how long. */
export interface PostOptions {
  /** Allow plain http, and private and loopback addresses. */
  allowPrivate: boolean
  /** All addresses of a host name. Default: {@link resolveHost}. */
  resolve?: (host: string) => Promise<string[]>
  /** Timeout for the whole request in ms. */
  timeoutMs?: number
}

/**
 * Posts `body`. The host name is resolved once, each of its addresses is checked, and the
 * connection goes to one of the checked addresses: a name that later resolves to something else
 * makes no difference. Redirects are not followed.
 * @throws WebhookRequestError
 */
export async function post(url: string, body: string, headers: Record<string, string>, options: PostOptions): Promise<void> {
  const { allowPrivate, resolve = resolveHost, timeoutMs = 10_000 } = options
  const target = new URL(url)
  if (target.protocol !== 'https:' && !(allowPrivate && target.protocol === 'http:'))
    throw new WebhookRequestError('Only https URLs are allowed.')
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const addresses = await before(signal, checkedAddresses(target.hostname, allowPrivate, resolve))
    const status = await send(target, addresses, body, headers, signal)
    if (status < 200 || status > 299) throw new WebhookRequestError(`The receiver responded with status ${status}.`)
  } catch (error) {
    if (error instanceof WebhookRequestError) throw error
    throw new WebhookRequestError(
      signal.aborted ? `No response within ${timeoutMs} ms.` : `The request failed: ${codeOf(error)}`,
      {
        cause: error,
      },
    )
  }
}

// Messages of the system name the host or the address, and a host's name may be its secret.
function codeOf(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException
  return code ?? name
}

/** Responses with a status of 1xx before the real one: receivers send one or two, if any. */
const MAX_INTERIM = 10

/** Whether an address may be reached from the public internet. */
export function isPublic(address: string): boolean {
  const parsed = ipaddr.process(address)
  // Only 2000::/3 is public in IPv6; other ranges, and those that embed IPv4 addresses, are
  // excluded.
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(ipaddr.parseCIDR('2000::/3')))
}

async function checkedAddresses(
  hostname: string,
  allowPrivate: boolean,
  resolve: (host: string) => Promise<string[]>,
): Promise<string[]> {
  // URL has normalised decimal, octal and hexadecimal IPv4 addresses.
  const host = hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) ? [host] : await resolve(host)
  if (addresses.length === 0) throw new WebhookRequestError('The host has no address.')
  if (!allowPrivate && !addresses.every(isPublic)) throw new WebhookRequestError('The host has a non-public address.')
  return addresses
}

function send(
  target: URL,
  addresses: string[],
  body: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<number> {
  const checked = addresses.map(address => ({ address, family: isIP(address) }))
  const request = target.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const sending = request(target, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal,
      lookup: (_host, { all }, found) => (all ? found(null, checked) : found(null, checked[0].address, checked[0].family)),
    })
    const take = (response: IncomingMessage) => {
      response.destroy()
      resolve(response.statusCode ?? 0)
    }
    sending.on('response', take)
    // Without a listener nothing would tell that the connection ended.
    sending.on('upgrade', take)
    let interim = 0
    sending.on('information', () => {
      if (++interim === MAX_INTERIM) sending.destroy(new WebhookRequestError('The receiver sends interim responses without end.'))
    })
    sending.on('error', reject)
    sending.on('close', () => reject(new WebhookRequestError('The connection was closed without a response.')))
    sending.end(body)
  })
}

function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, late) => signal.addEventListener('abort', () => late(signal.reason), { once: true })),
  ])
}
