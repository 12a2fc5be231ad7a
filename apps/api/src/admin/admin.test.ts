import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, lstat, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PASSWORD, type Service, startService } from '../test/service.js'
import { type AdminServer, startAdmin } from './app.js'
import { AdminSocketError, findAdminSocket } from './socket.js'

let service: Service
let admin: AdminServer
let data: string

beforeAll(async () => {
  service = await startService()
  data = join(service.folder, 'data')
  admin = await startAdmin(service.dependencies, data)
})
afterAll(async () => {
  await admin.close()
  await service.close()
})

/** Sends a request to the socket in a data folder, as the command does. */
async function ask(method: string, path: string, body?: unknown, folder = data) {
  const socket = (await findAdminSocket(folder))!
  try {
    const sent = request({ socketPath: socket.path, method, path, agent: false })
    sent.end(body === undefined ? undefined : JSON.stringify(body))
    const [response] = await once(sent, 'response')
    const received = await text(response)
    return { status: response.statusCode, body: received && JSON.parse(received) }
  } finally {
    await socket.release()
  }
}

describe('the admin socket', () => {
  it('adds, lists, changes, signs out and removes users', async () => {
    const username = `ann ${Date.now()}`
    const path = `/admin/users/${encodeURIComponent(username)}`
    const added = await ask('POST', '/admin/users', { username, password: 'horse', customer: `acme ${username}` })
    expect(added).toMatchObject({ status: 400, body: { message: 'The password must have at least 8 characters.' } })
    const user = { username, password: 'the first horse', customer: `acme ${username}` }
    const { status, body } = await ask('POST', '/admin/users', user)
    expect({ status, body }).toMatchObject({ status: 200, body: { username, customer: `acme ${username}` } })
    expect(await ask('POST', '/admin/users', user)).toMatchObject({
      status: 409,
      body: { message: `A user named ${username} already exists.` },
    })
    const listed = await ask('GET', `/admin/users?customer=${encodeURIComponent(`acme ${username}`)}`)
    expect(listed.body.users).toEqual([body])
    expect((await ask('PUT', `${path}/password`, { password: PASSWORD })).status).toBe(204)
    expect(await ask('PUT', `${path}/password`, { password: 'change-me-123' })).toMatchObject({ status: 400 })
    const token = await service.signIn(username)
    expect(await ask('DELETE', `${path}/sessions`)).toEqual({ status: 200, body: { count: 1 } })
    await expect.poll(async () => (await service.request('GET', '/v2/usage', { token })).status).toBe(401)
    expect((await ask('DELETE', path)).status).toBe(204)
    for (const [method, target] of [
      ['DELETE', path],
      ['DELETE', `${path}/sessions`],
    ])
      expect((await ask(method, target)).status).toBe(404)
    expect((await ask('PUT', `${path}/password`, { password: PASSWORD })).status).toBe(404)
    expect((await ask('POST', '/admin/users', { username })).status).toBe(400)
  })

  it.each(['mаria', ' ', 'a/b', 'x'.repeat(65)])('refuses a user named %j', async username => {
    const response = await ask('POST', '/admin/users', { username, password: PASSWORD })
    expect(response).toMatchObject({ status: 400, body: { message: expect.stringContaining('A user name must have') } })
  })

  it('only accepts its own user', async () => {
    const folder = join(data, 'admin')
    expect((await lstat(folder)).mode & 0o777).toBe(0o700)
    expect((await lstat(join(folder, 'socket'))).mode & 0o777).toBe(0o600)
  })

  it.skipIf(process.getuid?.() !== 0)('cannot be entered, nor taken over after a kill, by another user', async () => {
    const as = { uid: 65_534, gid: 65_534 }
    const path = join(data, 'admin', 'socket')
    const connect = `require('net').connect(${JSON.stringify(path)}).on('error', e => console.log(e.code))`
    const listen = `require('net').createServer().listen(${JSON.stringify(path)}).on('error', e => console.log(e.code))`
    // The data folder itself may be accessible to others.
    await chmod(service.folder, 0o755)
    await chmod(data, 0o755)
    for (const script of [connect, listen]) {
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { ...as, cwd: '/' })
      expect(stdout.trim(), script).toBe('EACCES')
    }
  })

  it('is not trusted when others could have created it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'obscura-admin-'))
    expect(await findAdminSocket(folder)).toBeUndefined()
    await mkdir(join(folder, 'admin'))
    await chmod(join(folder, 'admin'), 0o777)
    const impostor = createServer().listen(join(folder, 'admin', 'socket'))
    await expect(findAdminSocket(folder)).rejects.toThrow(AdminSocketError)
    impostor.close()
    // The service restricts such a folder and replaces the socket.
    const server = await startAdmin(service.dependencies, folder)
    expect(await ask('GET', '/admin', undefined, folder)).toMatchObject({ status: 200 })
    await server.close()
    await rm(folder, { recursive: true })
  })

  it('replaces a socket that a killed service left', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'obscura-admin-'))
    await mkdir(join(folder, 'admin'), { mode: 0o700 })
    const path = join(folder, 'admin', 'socket')
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('listens'))`
    const killed = spawn(process.execPath, ['-e', script])
    await once(killed.stdout, 'data')
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    await expect(ask('GET', '/admin', undefined, folder)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const server = await startAdmin(service.dependencies, folder)
    expect(await ask('GET', '/admin', undefined, folder)).toMatchObject({ status: 200 })
    await server.close()
    await rm(folder, { recursive: true })
  })

  it.runIf(process.platform === 'linux')('works in a folder whose path is too long for a socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'obscura-admin-'))
    const deep = join(folder, 'a'.repeat(120), 'b'.repeat(120))
    const server = await startAdmin(service.dependencies, deep)
    expect(await ask('GET', '/admin', undefined, deep)).toMatchObject({ status: 200, body: { status: 'ok' } })
    await server.close()
    await rm(folder, { recursive: true })
  })

  it('says what is wrong when a file is in its place', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'obscura-admin-'))
    await writeFile(join(folder, 'admin'), '')
    await expect(startAdmin(service.dependencies, folder)).rejects.toThrow('EEXIST')
    await rm(folder, { recursive: true })
  })
})
