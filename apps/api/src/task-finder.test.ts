import { randomUUID } from 'node:crypto'
import { addUser, createTask, type Db, findUser, migrate, openPGlite, readCreateTask, withIgnores } from '@obscura/shared'
import { emptyDatabase } from '@obscura/test-servers/pglite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTaskFinder } from './task-finder.js'

let db: Db
let queries = 0
let customerId: string
const ids: number[] = []

beforeAll(async () => {
  const pglite = await openPGlite(undefined, await emptyDatabase())
  db = {
    ...pglite,
    query: (sql, parameters) => {
      queries++
      return pglite.query(sql, parameters)
    },
  }
  await migrate(db)
  await addUser(db, 'ann', 'x', 'acme')
  customerId = (await findUser(db, 'ann'))!.customerId
  const parameters = readCreateTask('{"anonymization_method": "blur", "face": true}', { plainHttpWebhooks: false })
  for (let i = 0; i < 20; i++) ids.push((await createTask(db, customerId, parameters, 60)).id)
})
afterAll(() => db.close())

describe('createTaskFinder', () => {
  it('finds many tasks with few queries, each for the one who asked', async () => {
    const find = createTaskFinder(db)
    queries = 0
    const found = await Promise.all([...ids, ids[0], 5].map(id => find(customerId, id)))
    expect(found.map(task => task?.id)).toEqual([...ids, ids[0], undefined])
    // Ten at a time, and one more for a task that does not exist.
    expect(queries).toBe(3)
  })

  it('leaves long ignore areas in the database, where they can be read when they are shown', async () => {
    const areas = JSON.stringify(Array.from({ length: 1000 }, (_, i) => ({ topLeftX: i, topLeftY: i, width: 1, height: 1 })))
    const body = JSON.stringify({ anonymization_method: 'blur', face: true, name: 'long', ignores: areas })
    const long = await createTask(db, customerId, readCreateTask(body, { plainHttpWebhooks: false }), 60)
    const find = createTaskFinder(db)
    const [polled, short] = await Promise.all([find(customerId, long.id), find(customerId, ids[0])])
    expect(polled?.parameters).toMatchObject({ name: 'long', face: true })
    expect(polled?.parameters).not.toHaveProperty('ignores')
    expect(await withIgnores(db, polled!)).toEqual(long)
    expect(short?.parameters.ignores).toBe('')
  })

  it("does not find another customer's task, nor hide it from its owner", async () => {
    const find = createTaskFinder(db)
    const [mine, theirs] = await Promise.all([find(customerId, ids[0]), find(randomUUID(), ids[0])])
    expect([mine?.id, theirs]).toEqual([ids[0], undefined])
  })

  it('never answers with a state from before the request', async () => {
    const find = createTaskFinder(db)
    const before = find(customerId, ids[1])
    await db.query(`update tasks set status = 'deleted' where id = $1`, [ids[1]])
    expect((await find(customerId, ids[1]))?.status).toBe('deleted')
    await before
  })

  it('keeps working after an error', async () => {
    let broken = true
    const find = createTaskFinder({
      ...db,
      query: (sql, parameters) => (broken ? Promise.reject(new Error('gone')) : db.query(sql, parameters)),
    })
    await expect(find(customerId, ids[2])).rejects.toThrow('gone')
    broken = false
    expect((await find(customerId, ids[2]))?.id).toBe(ids[2])
  })
})
