/**
 * Who is signed in. The access token is held in memory only; the browser's cookie, which no script
 * can read, gives a new one.
 */
import { signal } from '@preact/signals'

/** Who is signed in. */
export interface Session {
  token: string
  username: string
  customer: string
  isAdmin: boolean
}

/** undefined until the server has been asked; null when nobody is signed in. */
export const session = signal<Session | null | undefined>(undefined)

/** A response that is not a success; `message` is the server's sentence. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

/** The server was not reached. */
export class OfflineError extends Error {
  constructor(cause: unknown) {
    super('The server cannot be reached.', { cause })
    this.name = 'OfflineError'
  }
}

const url = (path: string) => new URL(path, document.baseURI.replace(/[#?].*/, '')).href

async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url(path), init).catch(error => {
    if ((error as Error).name === 'AbortError') throw error
    throw new OfflineError(error)
  })
  if (response.ok) return response
  const body = await response.json().catch(() => ({}))
  throw new ApiError(response.status, body.error ?? body.message ?? response.statusText)
}

/**
 * Reads a file by its signed URL.
 * @throws ApiError, OfflineError
 */
export async function fetchFile(signedUrl: string, init?: RequestInit): Promise<Blob> {
  const response = await fetch(signedUrl, init).catch(error => {
    if ((error as Error).name === 'AbortError') throw error
    throw new OfflineError(error)
  })
  if (!response.ok) throw new ApiError(response.status, response.statusText)
  return response.blob()
}

async function askSession(method: string, body?: object): Promise<Session | null> {
  const response = await send('session', { method, headers: { 'x-obscura-page': '1' }, body: body && JSON.stringify(body) })
  if (response.status === 204) return null
  const { access_token: token, username, customer, is_admin: isAdmin } = await response.json()
  return { token, username, customer, isAdmin }
}

/** How often signing in or out has begun or ended. */
let changes = 0

async function changeSession(method: string, body?: object): Promise<void> {
  changes++
  const found = await askSession(method, body).finally(() => changes++)
  session.value = found
}

export const signIn = (username: string, password: string) => changeSession('POST', { username, password })
export const signOut = () => changeSession('DELETE')

/** Whoever signs in or out meanwhile has the last word. */
export async function resumeSession(): Promise<void> {
  const before = changes
  const found = await askSession('GET')
  if (changes === before) session.value = found
}

let resuming: Promise<void> | undefined

/**
 * Calls the API; an expired token is replaced once, but never by that of another user, who may have
 * signed in meanwhile in another tab.
 * @throws ApiError, OfflineError
 */
export async function request(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  const username = session.value?.username
  const attempt = () =>
    send(path, {
      method,
      headers: { ...headers, authorization: session.value?.token ?? '' },
      body: body && JSON.stringify(body),
    })
  return attempt().catch(async error => {
    if (!(error instanceof ApiError && error.status === 401)) throw error
    resuming ??= resumeSession().finally(() => {
      resuming = undefined
    })
    await resuming
    if (session.value?.username !== username) throw error
    return attempt()
  })
}

/**
 * Calls the API as {@link request} does.
 * @returns the body, undefined when there is none
 */
export async function call<Body>(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Body> {
  const response = await request(method, path, body, headers)
  return response.status === 204 ? (undefined as Body) : response.json()
}
