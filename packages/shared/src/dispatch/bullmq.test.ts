import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type RedisServer, startRedis } from '@obscura/test-servers/redis'
import { missing } from '@obscura/test-servers/requirement'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLogger } from '../log.js'
import { createBullMQDispatcher } from './bullmq.js'
import type { Dispatcher } from './dispatcher.js'
import { dispatcherContract } from './test/dispatcher-contract.js'

const run = promisify(execFile)
const log = createLogger('silent')

describe.skipIf(missing('redis-server'))('BullMQ', () => {
  let redis: RedisServer
  const opened: Dispatcher[] = []
  let prefixes = 0

  const open = (prefix = `test-${++prefixes}`, url = redis.url) => {
    const dispatcher = createBullMQDispatcher(url, log, prefix)
    opened.push(dispatcher)
    return dispatcher
  }
  /** Repeats the hint, as the sweeper does, until the task is handled. */
  const hintUntilHandled = async (dispatcher: Dispatcher, taskId: number, handled: number[]) => {
    const hint = () => dispatcher.hint(taskId, 0).then(() => handled)
    await expect.poll(hint, { interval: 200 }).toContain(taskId)
  }

  beforeAll(async () => {
    redis = await startRedis()
  })

  afterEach(() => Promise.all(opened.splice(0).map(dispatcher => dispatcher.close())))

  afterAll(() => redis?.stop())

  describe('as every dispatcher', () => {
    dispatcherContract(async () => open())
  })

  test('hints of one process are shared among the workers of others', async () => {
    const [api, one, two] = [open('shared'), open('shared'), open('shared')]
    const handled: [string, number][] = []
    const work = (name: string) => async (taskId: number) => {
      handled.push([name, taskId])
      await sleep(20)
    }
    await Promise.all([one.start(work('one'), 1), two.start(work('two'), 1)])
    for (let taskId = 1; taskId <= 20; taskId++) await api.hint(taskId, 0)
    await expect.poll(() => new Set(handled.map(([, taskId]) => taskId)).size).toBe(20)
    expect(handled).toHaveLength(20)
    expect(new Set(handled.map(([name]) => name))).toEqual(new Set(['one', 'two']))
  })

  test('the same hint given many times waits once', async () => {
    const dispatcher = open()
    for (let i = 0; i < 10; i++) await dispatcher.hint(7, 0)
    const handled: number[] = []
    await dispatcher.start(async taskId => void handled.push(taskId), 1)
    await dispatcher.hint(8, 5)
    await expect.poll(() => handled).toContain(8)
    // Twice if the ten fell into two windows.
    expect(handled.length).toBeLessThanOrEqual(3)
  })

  test('all data in Redis may be lost while a task is handled', async () => {
    const dispatcher = open()
    const handled: number[] = []
    await dispatcher.start(async taskId => {
      await sleep(300)
      handled.push(taskId)
    }, 2)
    await dispatcher.hint(1, 0)
    await dispatcher.hint(2, 0)
    await redis.flush()
    await expect.poll(() => handled.toSorted()).toEqual([1, 2])
    await hintUntilHandled(dispatcher, 3, handled)
  })

  test('while Redis is unavailable hints fail quickly and silently; when it is back they work again', async () => {
    const dispatcher = open()
    const handled: number[] = []
    await dispatcher.start(async taskId => void handled.push(taskId), 1)
    await dispatcher.hint(1, 0)
    await expect.poll(() => handled).toEqual([1])
    await redis.kill()
    await dispatcher.hint(2, 0)
    await expect(dispatcher.check()).rejects.toThrow(/Redis cannot be used: .*ECONNREFUSED.* Check REDIS_URL/)
    const startedWithout = open()
    await startedWithout.hint(3, 0)
    await redis.start()
    await hintUntilHandled(dispatcher, 2, handled)
    await startedWithout.check()
  })

  test('stopping ends hints in progress even without Redis', async () => {
    const dispatcher = open()
    let ended = false
    let begun = false
    await dispatcher.start(async () => {
      begun = true
      await sleep(500)
      ended = true
    }, 1)
    await dispatcher.hint(1, 0)
    await expect.poll(() => begun).toBe(true)
    await redis.kill()
    await dispatcher.close()
    expect(ended).toBe(true)
    await redis.start()
  })

  describe('with password and TLS', () => {
    let secured: RedisServer

    beforeAll(async () => {
      secured = await startRedis({ password: 'pass/word', tls: true })
    })

    afterAll(() => secured.stop())

    test('an untrusted certificate is refused', async () => {
      await expect(open('tls', secured.url).check()).rejects.toThrow(/NODE_EXTRA_CA_CERTS/)
    })

    test('a trusted one and the right password are let in', async () => {
      const { stdout } = await checkInProcess(secured.url)
      expect(stdout).toContain('usable')
    })

    test('a wrong password is named, and not shown', async () => {
      const { stdout } = await checkInProcess(secured.url.replace('pass', 'guess'))
      expect(stdout).toMatch(/WRONGPASS/)
      expect(stdout).not.toMatch(/guess/)
    })

    // Certificates to trust are read from the environment when a process starts.
    function checkInProcess(url: string) {
      const code = `import { checkRedis } from '${new URL('redis.ts', import.meta.url)}'
        checkRedis(process.argv[1]).then(() => console.log('usable'), error => console.log(error.message))`
      return run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code, url], {
        cwd: fileURLToPath(new URL('../..', import.meta.url)),
        env: { ...process.env, NODE_EXTRA_CA_CERTS: secured.caFile },
      })
    }
  })
})
