/** Starting and ending the service: ports, folders, signals, the first user. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { noNamespaces, OWN_NAMESPACES } from '@obscura/test-servers/namespaces'
import { expect, test } from 'vitest'
import { ended, obscura, printed, REPOSITORY, start } from './command.js'
import { environment, root, serve } from './service.js'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

test('a second service on the same folder is refused, and so is one on a taken port', async () => {
  const { child } = await serve('one')
  expect(await obscura(['serve'], { env: environment('one') })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is in use by process'),
  })
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const env = { ...environment('two'), OBSCURA_PASSWORD: '', PORT: String(port) }
  expect(await obscura(['serve'], { env })).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^Created the user admin with the password \S{16}\n$/),
    stderr: expect.stringContaining(`Port ${port} of 127.0.0.1 is in use`),
  })
  other.close()
  child.kill('SIGTERM')
  await once(child, 'close')
})

test('the log warns of the former name of a setting', async () => {
  const child = start(['serve'], { env: { ...environment('former'), ENGINE_CHILDREN: '1' } })
  const end = once(child, 'close')
  await printed(child, 'stderr', /^{"level":40,.*"ENGINE_CHILDREN has no effect: the setting is named ENGINE_PROCESSES now\."/m)
  child.kill('SIGKILL')
  await end
})

test.skipIf(noNamespaces())('a second service is refused also where its process ids are counted apart', async () => {
  const first = await serve('shared')
  const [program, ...args] = [...OWN_NAMESPACES, process.execPath, `${REPOSITORY}/apps/cli/dist/main.js`, 'serve']
  const second = spawn(program, args, { env: { ...process.env, ...environment('shared'), HOST: '0.0.0.0' } })
  const { code, stderr } = await ended(second)
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`in use by process ${first.child.pid} on`) })
  first.child.kill('SIGTERM')
  await once(first.child, 'close')
})

test('a signal that comes twice at once, as with Ctrl-C under npm, still ends the service in order', async () => {
  const { child } = await serve('twice')
  child.kill('SIGINT')
  child.kill('SIGINT')
  setTimeout(() => child.kill('SIGINT'), 50)
  expect(await once(child, 'close')).toEqual([0, null])
})

test('from its first response on, the first user can sign in', async () => {
  const port = await freePort()
  const child = start(['serve'], { env: { ...environment('fresh'), PORT: String(port) } })
  const ask = () =>
    fetch(`http://127.0.0.1:${port}/v2/signin`, {
      method: 'POST',
      body: JSON.stringify({ username: 'admin', password: 'first secret' }),
    }).catch(() => undefined)
  let response = await ask()
  while (!response) response = await ask()
  expect(response.status).toBe(200)
  child.kill('SIGTERM')
  await once(child, 'close')
})

test.each([
  ['change', 'at least 8 characters'],
  ['change-me', 'too similar'],
  ['change-me-too', 'too similar'],
  ['qwerty123456', 'common one'],
])('the first user is not made with the password %s', async (password, reason) => {
  const env = { ...environment('weak'), OBSCURA_PASSWORD: password }
  for (const command of ['serve', 'setup']) {
    const { code, stderr } = await obscura([command], { env })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^obscura: OBSCURA_PASSWORD cannot be used\. .*openssl rand -hex 24\n$/)
    expect(stderr).toContain(reason)
  }
})

test('a program that listens in place of a killed service receives nothing from the commands, and no password', async () => {
  const { child, url } = await serve('impostor')
  const env = environment('impostor')
  child.kill('SIGKILL')
  await once(child, 'close')
  const heard: string[] = []
  const impostor = createServer(socket => {
    socket.on('data', data => heard.push(String(data)))
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"users": []}')
  }).listen(Number(new URL(url).port), '127.0.0.1')
  await once(impostor, 'listening')
  const add = await obscura(['user', 'add', 'maria', '--password-stdin'], { env, input: 'the pass word' })
  expect(add).toMatchObject({ code: 0, stdout: 'Added the user maria of the customer default.\n' })
  expect(await obscura(['user', 'password', 'maria', '--password-stdin'], { env, input: 'a new pass word' })).toMatchObject({
    code: 0,
  })
  expect((await obscura(['tasks', 'list'], { env })).code).toBe(0)
  expect((await obscura(['user', 'list'], { env })).stdout).toMatch(/^admin\t.*\nmaria\t.*\n$/)
  expect(heard).toEqual([])
  impostor.close()
})

test('a data folder that cannot be used is named, without a stack', async () => {
  const file = path.join(root, 'file')
  await writeFile(file, '')
  const folders = [file, path.join(file, 'data'), ...(process.platform === 'linux' ? ['/proc/none'] : [])]
  for (const folder of folders) {
    const { code, stderr } = await obscura(['serve'], { env: { ...environment(''), OBSCURA_DATA: folder } })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^obscura: The folder .* Set OBSCURA_DATA to another folder\.\n$/)
    expect(stderr).toContain(folder)
  }
})

test.skipIf(noNamespaces())('a data folder on a read-only file system is named, without a stack', async () => {
  const folder = path.join(root, 'read-only')
  mkdirSync(path.join(folder, 'data'), { recursive: true })
  const command = [process.execPath, `${REPOSITORY}/apps/cli/dist/main.js`, 'serve']
  const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
  const args = ['--user', '--map-root-user', '--mount', 'sh', '-c', script, folder, ...command]
  const env = { ...process.env, ...environment(''), OBSCURA_DATA: path.join(folder, 'data') }
  const { code, stderr } = await ended(spawn('unshare', args, { env }))
  expect(code).toBe(1)
  expect(stderr).toMatch(/^obscura: The folder .* read-only file system\. Set OBSCURA_DATA to another folder\.\n$/)
  expect(stderr).toContain(folder)
})
