/** A client that does what real ones do, and does it again when the service fails it. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface Client {
  /** How many responses said that the service is in trouble. */
  refused(): number

  /**
   * Creates a task, with `more` parameters, and uploads `content`.
   * @returns the task's id: from here on the service is responsible for it
   */
  send(content: Buffer, webhook?: string, more?: object): Promise<number>
  /** The body of a response. */
  read<Body>(path: string): Promise<Body>
  status(taskId: number): Promise<string>
  /** The anonymized file. */
  download(taskId: number): Promise<Buffer>
}

export async function signIn(api: string, username: string, password: string): Promise<Client> {
  const credentials = JSON.stringify({ username, password })
  let token = ''
  let refused = 0
  /**
   * Asks until the response is one of `wanted`: again when there is none, when the service is in
   * trouble, and when it asks for patience.
   */
  const insist = async (url: string, init: RequestInit, wanted: readonly number[]): Promise<Response> => {
    for (;;) {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) }).catch(() => undefined)
      if (response && wanted.includes(response.status)) return response
      await response?.body?.cancel()
      if (response) refused++
      if (response && response.status < 500 && response.status !== 429)
        throw new Error(`${url.replace(/\?.*/, '')} answered ${response.status}.`)
      await sleep(200)
    }
  }
  const renewToken = async () => {
    const response = await insist(`${api}/v2/signin`, { method: 'POST', body: credentials }, [200])
    token = ((await response.json()) as { AccessToken: string }).AccessToken
  }
  await renewToken()
  const call = async <Body>(method: string, path: string, body?: string): Promise<Body> => {
    for (;;) {
      const response = await insist(`${api}${path}`, { method, headers: { authorization: token }, body }, [200, 401])
      if (response.status === 200) return (await response.json()) as Body
      await renewToken()
    }
  }
  const statusOf = (taskId: number) => call<{ task_status: string; anonymized_url: string }>('GET', `/v2/task/${taskId}/status`)
  return {
    refused: () => refused,
    read: path => call('GET', path),
    async send(content, webhook, more = {}) {
      const body = JSON.stringify({ anonymization_method: 'blur', face: true, webhook, ...more })
      for (;;) {
        const { task_id, upload_url } = await call<{ task_id: number; upload_url: string }>('POST', '/v2/task', body)
        // 403: by some clock the URL has ended. It takes a new task then.
        const uploaded = await insist(upload_url, { method: 'PUT', body: content }, [200, 403])
        if (uploaded.status === 200) return task_id
        await sleep(200)
      }
    },
    status: async taskId => (await statusOf(taskId)).task_status,
    async download(taskId) {
      for (;;) {
        const response = await insist((await statusOf(taskId)).anonymized_url, {}, [200, 403])
        if (response.status === 200) return Buffer.from(await response.arrayBuffer())
      }
    },
  }
}
