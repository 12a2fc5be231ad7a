/**
 * Who is signed in. The access token is held in memory only; the browser's cookie, which no script
 * can read, gives a new one.
 */
import { signal } from '@preact/signals'

export interface Session {
  token: string
  username: string
  customer: string
}

/** undefined until the server has been asked; null when nobody is signed in. */
export const session = signal<Session | null | undefined>(undefined)

/** An answer that is not a success; `message` is the server's sentence. */
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
  const answer = await fetch(url(path), init).catch(error => {
    if ((error as Error).name === 'AbortError') throw error
    throw new OfflineError(error)
  })
  if (answer.ok) return answer
  const body = await answer.json().catch(() => ({}))
  throw new ApiError(answer.status, body.error ?? body.message ?? answer.statusText)
}

async function askSession(method: string, body?: object): Promise<void> {
  const answer = await send('session', { method, headers: { 'x-obscura-page': '1' }, body: body && JSON.stringify(body) })
  if (answer.status === 204) {
    session.value = null
    return
  }
  const { access_token: token, username, customer } = await answer.json()
  session.value = { token, username, customer }
}

export const resumeSession = () => askSession('GET')
export const signIn = (username: string, password: string) => askSession('POST', { username, password })
export const signOut = () => askSession('DELETE')

let resuming: Promise<void> | undefined

/**
 * Calls the API; an expired token is replaced once.
 * @returns the body, undefined when there is none
 * @throws ApiError, OfflineError
 */
export async function call<Body>(method: string, path: string, body?: object): Promise<Body> {
  const attempt = () =>
    send(path, {
      method,
      headers: { authorization: session.value?.token ?? '' },
      body: body && JSON.stringify(body),
    })
  const answer = await attempt().catch(async error => {
    if (!(error instanceof ApiError && error.status === 401)) throw error
    resuming ??= resumeSession().finally(() => {
      resuming = undefined
    })
    await resuming
    return attempt()
  })
  return answer.status === 204 ? (undefined as Body) : answer.json()
}
