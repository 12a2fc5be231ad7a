/** A client that does what real ones do, and does it again when the service fails it. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface Client {
  /** Creates a task and uploads `content`. @returns the task's id: from here on the service answers for it */
  send(content: Buffer, webhook?: string): Promise<number>
  status(taskId: number): Promise<string>
  /** The anonymized file. */
  download(taskId: number): Promise<Buffer>
}

export async function signIn(api: string, username: string, password: string): Promise<Client> {
  const answer = await insist(`${api}/v2/signin`, { method: 'POST', body: JSON.stringify({ username, password }) })
  const headers = { authorization: ((await answer.json()) as { AccessToken: string }).AccessToken }
  const read = async (taskId: number) => {
    const status = await insist(`${api}/v2/task/${taskId}/status`, { headers })
    return (await status.json()) as { task_status: string; anonymized_url: string }
  }
  return {
    async send(content, webhook) {
      const body = JSON.stringify({ anonymization_method: 'blur', face: true, webhook })
      const created = await insist(`${api}/v2/task`, { method: 'POST', headers, body })
      const { task_id, upload_url } = (await created.json()) as { task_id: number; upload_url: string }
      await insist(upload_url, { method: 'PUT', body: content })
      return task_id
    },
    status: async taskId => (await read(taskId)).task_status,
    async download(taskId) {
      const { anonymized_url } = await read(taskId)
      return Buffer.from(await (await insist(anonymized_url, {})).arrayBuffer())
    },
  }
}

/** Asks until the answer is 200. */
async function insist(url: string, init: RequestInit): Promise<Response> {
  for (;;) {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) }).catch(() => undefined)
    if (answer?.status === 200) return answer
    await answer?.body?.cancel()
    if (answer && answer.status < 500) throw new Error(`${url.replace(/\?.*/, '')} answered ${answer.status}.`)
    await sleep(200)
  }
}
