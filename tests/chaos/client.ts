/** A client that does what real ones do, and does it again when the service fails it. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface Client {
  /** How many answers said that the service is in trouble. */
  refused(): number

  /**
   * Creates a task and uploads `content`.
   * @returns the task's id: from here on the service answers for it
   */
  send(content: Buffer, webhook?: string): Promise<number>
  status(taskId: number): Promise<string>
  /** The anonymized file. */
  download(taskId: number): Promise<Buffer>
}

export async function signIn(api: string, username: string, password: string): Promise<Client> {
  const credentials = JSON.stringify({ username, password })
  let token = ''
  let refused = 0
  /**
   * Asks until the answer is one of `wanted`: again when there is none, when the service is in
   * trouble, and when it asks for patience.
   */
  const insist = async (url: string, init: RequestInit, wanted: readonly number[]): Promise<Response> => {
    for (;;) {
      const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) }).catch(() => undefined)
      if (answer && wanted.includes(answer.status)) return answer
      await answer?.body?.cancel()
      if (answer) refused++
      if (answer && answer.status < 500 && answer.status !== 429)
        throw new Error(`${url.replace(/\?.*/, '')} answered ${answer.status}.`)
      await sleep(200)
    }
  }
  const renewToken = async () => {
    const answer = await insist(`${api}/v2/signin`, { method: 'POST', body: credentials }, [200])
    token = ((await answer.json()) as { AccessToken: string }).AccessToken
  }
  await renewToken()
  const call = async <Answer>(method: string, path: string, body?: string): Promise<Answer> => {
    for (;;) {
      const answer = await insist(`${api}${path}`, { method, headers: { authorization: token }, body }, [200, 401])
      if (answer.status === 200) return (await answer.json()) as Answer
      await renewToken()
    }
  }
  const read = (taskId: number) => call<{ task_status: string; anonymized_url: string }>('GET', `/v2/task/${taskId}/status`)
  return {
    refused: () => refused,
    async send(content, webhook) {
      const body = JSON.stringify({ anonymization_method: 'blur', face: true, webhook })
      for (;;) {
        const { task_id, upload_url } = await call<{ task_id: number; upload_url: string }>('POST', '/v2/task', body)
        // 403: by some clock the URL has ended. It takes a new task then.
        const uploaded = await insist(upload_url, { method: 'PUT', body: content }, [200, 403])
        if (uploaded.status === 200) return task_id
        await sleep(200)
      }
    },
    status: async taskId => (await read(taskId)).task_status,
    async download(taskId) {
      for (;;) {
        const answer = await insist((await read(taskId)).anonymized_url, {}, [200, 403])
        if (answer.status === 200) return Buffer.from(await answer.arrayBuffer())
      }
    },
  }
}
