import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { missing } from './requirement.js'
import { until } from './server-folder.js'

const start = fileURLToPath(new URL('start.ts', import.meta.url))

const SERVERS = { redis: 'redis-server', postgres: 'initdb', s3: 'radosgw' } as const

test.for(Object.entries(SERVERS))(
  '%s and its files vanish when the process that started it is killed',
  async ([name, program], { skip }) => {
    skip(missing(program))
    const folder = await mkdtemp(join(tmpdir(), 'obscura-servers-'))
    await chmod(folder, 0o755) // PostgreSQL's user must reach what is inside
    const env = { ...process.env, TMPDIR: folder }
    const owner = spawn(process.execPath, ['--import', 'tsx', start, name], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(createInterface(owner.stdout), 'line')) as [string]
    const port = Number(new URL(line.split('=')[1]).port)
    expect(await listens(port)).toBe(true)
    owner.kill('SIGKILL')
    await until(async () => !(await listens(port)) && (await readdir(folder)).every(entry => entry.startsWith('tsx')), 10)
    await rm(folder, { recursive: true })
  },
)

async function listens(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
