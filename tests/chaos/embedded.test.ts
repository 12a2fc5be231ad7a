/**
 * The embedded service with faults: it is killed, its clock jumps, its disk is full, and every
 * accepted task must end, once, with its result and its webhook.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createLogger, openBackingServices, readConfig } from '@obscura/shared'
import { missing } from '@obscura/test-servers/requirement'
import { freePort, until } from '@obscura/test-servers/server-folder'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signIn } from './client.js'
import { type FakeClock, startClock } from './fake-clock.js'
import { expectEnds, expectOrder, recordEnds, sendDuringFailures } from './outcome.js'
import { mountSmallDisk, type SmallDisk } from './small-disk.js'
import { type Supervisor, supervise } from './supervisor.js'
import { receiveWebhooks } from './webhook-receiver.js'

const SERVICE = fileURLToPath(new URL('stub-service.ts', import.meta.url))
const TASKS = 100
/** How long the disk is full. */
const FULL_MS = 2000
const HOUR = 3600
/** Room for the database's log, which grows in steps of 16 MB. */
const DISK_MB = 160

describe.skipIf(missing('faketime'))('the embedded service under fire', () => {
  let folder: string
  let settings: Record<string, string>
  let clock: FakeClock
  let disk: SmallDisk | undefined
  let supervisor: Supervisor

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'obscura-embedded-'))
    const data = join(folder, 'data')
    await mkdir(data)
    disk = await mountSmallDisk(data, DISK_MB)
    if (!disk) console.warn('The disk is not filled, because only root may mount a small one.')
    clock = await startClock(join(folder, 'clock'))
    settings = {
      OBSCURA_DATA: data,
      OBSCURA_PASSWORD: 'under fire',
      PORT: String(await freePort()),
      LOG_LEVEL: 'silent',
      NODE_NO_WARNINGS: '1',
      ENGINE_PROCESSES: '2',
      MIN_FREE_DISK_MB: '32',
      TASK_LEASE_SECONDS: '5',
      TASK_MAX_FAILURES: '100',
      WEBHOOK_ALLOW_PRIVATE: '1',
      WEBHOOK_ON_FAILED: '1',
    }
    const backing = await openBackingServices(readConfig(settings), () => '', createLogger('silent'))
    await recordEnds(backing.db)
    await backing.close()
    supervisor = supervise({ service: { args: ['--import', 'tsx', SERVICE], env: { ...settings, ...clock.env } } })
  })

  afterAll(async () => {
    await supervisor?.stop('SIGKILL')
    await disk?.unmount()
    if (folder) await rm(folder, { recursive: true })
  })

  test('every accepted task ends once, with its result and its webhook, and leaves no other files', {
    timeout: 300_000,
  }, async () => {
    const hooks = await receiveWebhooks()
    const client = await signIn(`http://127.0.0.1:${settings.PORT}`, 'admin', 'under fire')
    const kill = async () => supervisor.kill('service')
    const full = async (during: () => Promise<unknown>) => {
      await disk?.fill()
      const before = client.refused()
      if (disk) await until(async () => client.refused() > before, 20)
      await sleep(FULL_MS)
      await during()
      await disk?.free()
    }
    const faults = [
      kill,
      () => clock.set(HOUR),
      () => full(async () => undefined),
      kill,
      () => full(kill),
      () => clock.set(-HOUR),
      kill,
    ]
    const accepted = await sendDuringFailures(client, hooks, faults, TASKS)
    expect(accepted.size).toBeGreaterThanOrEqual(TASKS)
    await expectEnds(client, hooks, accepted)
    await supervisor.stop('SIGTERM')
    const backing = await openBackingServices(readConfig(settings), () => '', createLogger('silent'))
    const attempts = await expectOrder(backing, accepted)
    console.log(`embedded: ${accepted.size} tasks, ${faults.length} faults, 0 lost, ${attempts} attempts`)
    await Promise.all([backing.close(), hooks.stop()])
  })
})
