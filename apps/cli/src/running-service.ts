/**
 * Client of the service running on this machine with these settings, which holds the embedded
 * database open.
 */
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { AdminSocketError, findAdminSocket } from '@obscura/api/admin-socket'
import type { Config } from '@obscura/shared'
import { CommandError } from './command-error.js'

/** The response of the service. */
export interface ServiceResponse {
  ok: boolean
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: what a response holds is for who asks to say
  json: any
}

/** The service's admin socket. */
export interface RunningService {
  /** `body` is sent as JSON. */
  ask(method: string, path: string, body?: unknown): Promise<ServiceResponse>
  close(): Promise<void>
}

/** Connection errors when no service is running: its socket is stale or missing. */
const NO_LISTENER = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'])

/**
 * @returns undefined when no service runs on the folder OBSCURA_DATA
 * @throws CommandError when its socket is not trustworthy
 */
export async function findRunningService(config: Pick<Config, 'OBSCURA_DATA'>): Promise<RunningService | undefined> {
  const socket = await findAdminSocket(config.OBSCURA_DATA).catch(error => {
    throw error instanceof AdminSocketError ? new CommandError(error.message) : error
  })
  if (!socket) return undefined
  const service: RunningService = { ask: (...asked) => ask(socket.path, ...asked), close: socket.release }
  try {
    if ((await service.ask('GET', '/admin')).ok) return service
  } catch (error) {
    if (!NO_LISTENER.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
  await service.close()
  return undefined
}

async function ask(socketPath: string, method: string, path: string, body?: unknown): Promise<ServiceResponse> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, agent: false }, async response => {
      try {
        const body = await text(response)
        const status = response.statusCode!
        resolve({ ok: status >= 200 && status < 300, status, json: body === '' ? undefined : JSON.parse(body) })
      } catch (error) {
        reject(error)
      }
    })
    sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body))
  })
}
