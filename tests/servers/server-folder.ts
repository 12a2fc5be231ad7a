/**
 * The folder of a throw-away server, and what ends server and folder together, whatever becomes of
 * the test that started them.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until our end of its stdin closes: because it was asked to, or because the process that
 * started it died, by SIGKILL even. Then ends the processes named by the .pid files and removes the
 * folder. A zombie counts as ended: in a container nobody may reap it.
 */
const GUARD = `
trap '' HUP INT TERM
cat >/dev/null
pids=$(head -qn1 "$1"/*.pid 2>/dev/null)
for pid in $pids; do kill -"$2" "$pid" 2>/dev/null; done
for pid in $pids; do while grep -qs '^State:.[^Z]' "/proc/$pid/status"; do sleep 0.02; done; done
rm -rf "$1"`

export interface ServerFolder {
  path: string
  /** Ends the servers whose pid files lie in the folder, and removes it. */
  remove(): Promise<void>
}

/** Makes a folder for servers that write `*.pid` files into it and are ended by `signal`. */
export async function makeServerFolder(name: string, signal: 'KILL' | 'INT'): Promise<ServerFolder> {
  const path = await mkdtemp(join(tmpdir(), `obscura-${name}-`))
  const guard = spawn('sh', ['-c', GUARD, 'guard', path, signal], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  const ended = once(guard, 'exit')
  guard.unref()
  return {
    path,
    remove: async () => {
      guard.ref()
      guard.stdin.end()
      await ended
    },
  }
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/**
 * Calls `probe` until it neither throws nor answers false.
 * @throws what it threw last, after `seconds`
 */
export async function until(probe: () => Promise<unknown>, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000
  for (;;) {
    try {
      if ((await probe()) !== false) return
      if (performance.now() > end) throw new Error(`Not so after ${seconds} s: ${probe}`)
    } catch (error) {
      if (performance.now() > end) throw error
    }
    await sleep(20)
  }
}
