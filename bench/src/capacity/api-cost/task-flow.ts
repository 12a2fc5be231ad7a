/** One task from its creation to the download of its result, as clients do it. */
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

/** Who the clients sign in as. */
export const USER = { username: 'bench', password: 'bench-of-tasks' }

/** A client that is signed in. */
export interface Client {
  url: string
  token: string
}

/** How often clients ask for the status of a task. */
const POLL_MS = 250

/** The address that `obscura serve` prints when it is ready. */
export async function addressOf(stdout: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(stdout)) {
    const [, url] = /ready at (http\S+)/.exec(line) ?? []
    if (url) {
      stdout.resume()
      return url
    }
  }
  throw new Error('The service ended before it was ready.')
}

/** Signs in as the user of the benchmark. */
export async function signIn(url: string): Promise<Client> {
  const body = JSON.stringify(USER)
  const response = await fetch(`${url}/v2/signin`, { method: 'POST', body })
  return { url, token: ((await response.json()) as { AccessToken: string }).AccessToken }
}

/** @returns how often the status was asked for */
export async function runTask({ url, token }: Client, photo: Buffer): Promise<number> {
  const call = async (method: string, path: string, body?: string) => {
    const response = await fetch(url + path, { method, headers: { authorization: token }, body })
    if (response.status !== 200) throw new Error(`${method} ${path} responded with ${response.status}: ${await response.text()}`)
    return (await response.json()) as Record<string, string>
  }
  const parameters = {
    anonymization_method: 'blur',
    face: true,
    binary_segmentation_mask: true,
    instance_segmentation_mask: true,
  }
  const { task_id, upload_url } = await call('POST', '/v2/task', JSON.stringify(parameters))
  const uploaded = await fetch(upload_url, { method: 'PUT', body: photo })
  if (uploaded.status !== 200) throw new Error(`The response to the upload was ${uploaded.status}.`)
  let polls = 0
  for (let status = ''; status !== 'done'; ) {
    await sleep(POLL_MS)
    status = (await call('GET', `/v2/task/${task_id}/status`)).task_status
    polls++
    if (status === 'failed') throw new Error(`Task ${task_id} failed.`)
  }
  const task = await call('GET', `/v2/task/${task_id}`)
  for (const name of ['anonymized_url', 'binary_segmentation_mask_url', 'instance_segmentation_mask_url']) {
    await (await fetch(task[name])).arrayBuffer()
  }
  await call('GET', `/v2/task/${task_id}/metadata`)
  return polls
}
