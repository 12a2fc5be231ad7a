import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { completeTask, failTask } from './finish.js'
import { claim, makeCustomer, makeQueued, result } from './test/tasks.js'
import { usageByDay } from './usage.js'

const MIGRATION = new URL('../db/migrations/0019-usage.sql', import.meta.url)

onEachDatabase(db => {
  beforeAll(() => migrate(db))

  test('usage of tasks from before it was counted is what counting them would have given', async () => {
    const customer = await makeCustomer(db)
    for (let i = 0; i < 3; i++) {
      await makeQueued(db, customer)
      const { lease } = await claim(db)
      if (i < 2) await completeTask(db, lease, result)
      else await failTask(db, lease, 'IMAGE_DEFECT', 'A test.')
    }
    const days = () => usageByDay(db, new Date(0), new Date(Date.now() + 86_400_000), customer)
    const [{ seconds, ...counted }] = await days()
    expect(counted).toMatchObject({ done: 2, failed: 1, uploadedBytes: 3000, detections: { face: 2, vehicle: 0 } })
    await db.query('truncate usage_days')
    await db.query(/^insert into usage_days[^;]*/m.exec(await readFile(MIGRATION, 'utf8'))![0])
    const [{ seconds: filled, ...afterwards }] = await days()
    expect(afterwards).toEqual(counted)
    expect(filled).toBeCloseTo(seconds, 0)
  })
})
