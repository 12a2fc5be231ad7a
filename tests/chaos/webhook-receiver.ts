import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface WebhookReceiver {
  url: string
  /** The status that each task's webhooks announced. */
  heard: Map<number, Set<string>>
  stop(): Promise<void>
}

/** Listens for webhooks on an address of this machine. */
export async function receiveWebhooks(address = '127.0.0.1'): Promise<WebhookReceiver> {
  const heard = new Map<number, Set<string>>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { task_id, task_status } = JSON.parse(body) as { task_id: number; task_status: string }
    heard.set(task_id, (heard.get(task_id) ?? new Set()).add(task_status))
    response.end()
  }).listen(0, address)
  await once(server, 'listening')
  return {
    heard,
    url: `http://${address}:${(server.address() as AddressInfo).port}/`,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
