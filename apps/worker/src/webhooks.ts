/** Sends the webhooks in the outbox: each at least once, or given up after the last attempt. */
import { createHmac } from 'node:crypto'
import {
  type Config,
  claimDeliveries,
  countWebhook,
  currentKeys,
  type Delivery,
  DOWNLOAD_URL_SECONDS,
  delayDelivery,
  dropDelivery,
  endDelivery,
  isHeldBack,
  RETRY_SECONDS,
  type Task,
} from '@obscura/shared'
import type { WorkerServices } from './process-task.js'
import { post } from './public-http.js'
import { type Repetition, repeat } from './repeat.js'

const PAUSE_MS = 1000
/** Deliveries sent at once. */
const CONCURRENCY = 50
/**
 * Number claimed at a time. A customer with this many in progress waits: its receivers may be down,
 * and must not take all places.
 */
const BATCH = 10
/** Longer than the timeout of a request: until then no other sender claims the delivery. */
const CLAIM_SECONDS = 20

export type WebhookConfig = Pick<Config, 'WEBHOOK_ALLOW_PRIVATE' | 'WEBHOOK_ON_FAILED' | 'WEBHOOK_SECRET'>
type WebhookServices = Pick<WorkerServices, 'db' | 'store' | 'log'>

/** Sends due webhooks until it is stopped. */
export function startWebhooks(services: WebhookServices, config: WebhookConfig): Repetition {
  const sender = createSender(services, config)
  const looking = repeat(PAUSE_MS, services.log, sender.sendDue)
  return {
    async stop() {
      await looking.stop()
      await sender.settled()
    },
  }
}

/** Sender of the webhooks in the outbox. */
export interface Sender {
  /**
   * Starts sending due webhooks without waiting for receivers: a slow one does not hold up others.
   */
  sendDue(): Promise<void>
  /** Waits for requests in progress. */
  settled(): Promise<void>
}

/** At most {@link CONCURRENCY} requests are in progress at a time; no customer takes all places. */
export function createSender(services: WebhookServices, config: WebhookConfig): Sender {
  /** With the customer of each. */
  const inProgress = new Map<Promise<void>, string>()

  function begin(delivery: Delivery): void {
    const { id, customerId } = delivery.task
    const sending = send(services, config, delivery)
      .catch(error => services.log.error({ err: error, taskId: id }, 'Failed to record the outcome of a webhook.'))
      .finally(() => inProgress.delete(sending))
    inProgress.set(sending, customerId)
  }

  return {
    async sendDue() {
      for (let claimed = BATCH; claimed === BATCH && inProgress.size <= CONCURRENCY - BATCH; ) {
        const deliveries = await claimDeliveries(services.db, BATCH, CLAIM_SECONDS, atLeast(BATCH, inProgress.values()))
        claimed = deliveries.length
        for (const delivery of deliveries) begin(delivery)
      }
    },
    async settled() {
      await Promise.all(inProgress.keys())
    },
  }
}

/** Values that occur at least `count` times. */
function atLeast(count: number, names: Iterable<string>): string[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].filter(([, occurs]) => occurs >= count).map(([name]) => name)
}

async function send(services: WebhookServices, config: WebhookConfig, { task, tries }: Delivery): Promise<void> {
  const { db, log } = services
  const { webhook } = task.parameters
  // No webhook: the task has been deleted.
  if (webhook === null || isHeldBack(task) || (task.status === 'failed' && !config.WEBHOOK_ON_FAILED))
    return dropDelivery(db, task.id)
  try {
    const body = JSON.stringify(await payload(services, task))
    const headers = { 'content-type': 'application/json', 'user-agent': 'Obscura', ...signature(config.WEBHOOK_SECRET, body) }
    await post(webhook, body, headers, { allowPrivate: config.WEBHOOK_ALLOW_PRIVATE })
    await endDelivery(db, task.id, 'sent')
    countWebhook('sent')
  } catch (error) {
    const pause = RETRY_SECONDS[tries - 1]
    log.warn({ taskId: task.id, tries, reason: (error as Error).message }, 'Failed to send a webhook.')
    countWebhook(pause === undefined ? 'failed' : 'delayed')
    if (pause === undefined) await endDelivery(db, task.id, 'failed')
    else await delayDelivery(db, task.id, pause * (0.8 + 0.4 * Math.random()))
  }
}

async function payload({ store }: WebhookServices, task: Task) {
  const about = { customer_id: task.customerId, task_id: task.id, task_status: task.status }
  if (task.status === 'failed') return { ...about, failure_cause: task.failureCause }
  if (task.outputFormat === null) return about
  return {
    ...about,
    anonymized_url: await store.presignGet(currentKeys(task).anonymized, DOWNLOAD_URL_SECONDS, `image/${task.outputFormat}`),
  }
}

/**
 * The signature header: `t=<seconds since 1970>,v1=<hex>`, where v1 is the HMAC-SHA256 of
 * `<t>.<body>`. The receiver should refuse old times.
 */
export function signature(secret: string | undefined, body: string, now = Date.now()): Record<string, string> {
  if (!secret) return {}
  const time = Math.floor(now / 1000)
  return { 'obscura-signature': `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}` }
}
