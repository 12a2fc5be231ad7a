// A compromised child: it looks for everything worth stealing and reports what it got.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveParent } from '../../dist/channel.js'

const attempt = work => {
  try {
    return work()
  } catch {
    return undefined
  }
}

/** What other processes were started with. */
function otherEnvironments() {
  const pids = attempt(() => readdirSync('/proc'))?.filter(name => /^\d+$/.test(name) && Number(name) !== process.pid) ?? []
  return pids.map(pid => attempt(() => readFileSync(`/proc/${pid}/environ`, 'utf8')) ?? '').join('\n')
}

/** Folders in which it can leave something behind; it does not. */
function writable(folders) {
  return folders.filter(folder =>
    attempt(() => {
      const file = join(folder, `left-behind-${process.pid}`)
      writeFileSync(file, '')
      unlinkSync(file)
      return true
    }),
  )
}

async function intrude({ files, folders, url, module }) {
  const network = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(3000) }).then(
    response => response.text(),
    () => undefined,
  )
  return {
    environment: Object.keys(process.env),
    files: files.filter(file => attempt(() => readFileSync(file))),
    otherEnvironments: otherEnvironments().includes('hunter2'),
    writable: writable([...folders, tmpdir(), '/', '/dev/shm', '/tmp']),
    network,
    programs: attempt(() => execFileSync(process.execPath, ['-p', '6 * 7'], { encoding: 'utf8' }).trim()),
    models: attempt(() => readdirSync(module)) !== undefined,
  }
}

serveParent(async ({ image }, respond) => {
  const booty = await intrude(JSON.parse(Buffer.from(image).toString()))
  respond({ error: { code: 'INTERNAL_ERROR', message: JSON.stringify(booty) } })
})
