import { execFileSync } from 'node:child_process'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { createLogger, type Logger } from './log.js'

async function logged(write: (log: Logger) => void): Promise<string> {
  const destination = new PassThrough()
  write(createLogger('info', destination))
  destination.end()
  return text(destination)
}

test('a line is one JSON object with level, time and fields', async () => {
  const line = JSON.parse(await logged(log => log.info({ taskId: 7 }, 'Task done.')))
  expect(line).toEqual({ level: 30, time: expect.stringMatching(/^20.*Z$/), taskId: 7, msg: 'Task done.' })
})

test('secrets and addresses are removed at any depth', async () => {
  const secret = 'hunter2'
  const fields = ['password', 'token', 'AccessToken', 'authorization', 'upload_url', 'anonymized_url', 'webhook', 'ip']
  for (const field of fields) {
    const output = await logged(log => {
      log.info({ [field]: secret, a: { [field]: secret, b: { [field]: secret } } }, 'x')
      log.child({ body: { [field]: secret } }).warn('y')
    })
    expect(output).not.toContain(secret)
  }
})

test.runIf(process.platform === 'linux')('a full disk of the log does not end the service', () => {
  const module = JSON.stringify(new URL('../dist/log.js', import.meta.url).href)
  const script = `import(${module}).then(({ createLogger }) => {
    const log = createLogger('info')
    for (let i = 0; i < 50_000; i++) log.info('x'.repeat(100))
    console.log('works on')
  })`
  const printed = execFileSync('sh', ['-c', '"$0" -e "$1" 2> /dev/full', process.execPath, script], { encoding: 'utf8' })
  expect(printed).toBe('works on\n')
})

test('URLs lose their query, which may hold a signature', async () => {
  const output = await logged(log => {
    log.info({ url: 'http://h/files/a/1/original?expires=1&signature=hunter2' }, 'x')
    log.info({ req: { method: 'PUT', url: '/files/a?signature=hunter2', headers: { authorization: 'hunter2' } } }, 'y')
  })
  expect(output).toContain('/files/a/1/original')
  expect(output).not.toContain('hunter2')
})

test('a reason loses the queries of its URLs', async () => {
  expect(await logged(log => log.warn({ reason: 'No response from https://h/hook?token=hunter2' }, 'x'))).not.toContain('hunter2')
})

test('a message loses the queries of its URLs, whoever made it', async () => {
  const message = 'GET https://user:hunter2@h/hook?token=hunter2 failed'
  const output = await logged(log => {
    log.warn(message)
    log.error({ err: new Error(message) }, message)
    log.error(new Error(message))
    log.error({ err: new Error(message) })
    log.info('%s of %s', 'one', 'two')
  })
  expect(output).not.toContain('hunter2')
  expect(output.match(/"msg":"GET https:\/\/h\/hook failed"/g)).toHaveLength(4)
  expect(output).toContain('"msg":"one of two"')
})
