import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const EMBEDDED = fileURLToPath(new URL('test/embedded.ts', import.meta.url))
const KILLS = 4

interface Ended {
  id: number
  status: string
  attempt: number
  result: string
}

test('kill -9 of the embedded service, again and again, loses no task that was accepted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chaos-'))
  const created = new Set<number>()
  const uploaded = new Set<number>()
  for (let kill = 0; kill < KILLS; kill++) {
    const enough = created.size + 5 + Math.floor(Math.random() * 20)
    const child = start(folder, 'run', line => {
      const [word, id] = line.split(' ')
      if (word === 'created') created.add(Number(id))
      if (word === 'uploaded') uploaded.add(Number(id))
      if (created.size >= enough) child.kill('SIGKILL')
    })
    const [, signal] = await once(child, 'close')
    expect(signal).toBe('SIGKILL')
  }

  const ended: Ended[] = []
  const finishing = start(folder, 'finish', line => {
    if (line.startsWith('ended ')) ended.push(JSON.parse(line.slice('ended '.length)))
  })
  await once(finishing, 'close')
  await rm(folder, { recursive: true })

  const byId = new Map(ended.map(task => [task.id, task]))
  expect(byId.size).toBe(ended.length)
  expect([...created].filter(id => !byId.has(id))).toEqual([])
  for (const id of uploaded) expect(byId.get(id)).toMatchObject({ status: 'done', result: `anonymized photo ${id}` })
  console.log(
    `${created.size} tasks accepted, ${KILLS} kills, 0 lost, ${ended.reduce((sum, { attempt }) => sum + attempt, 0)} attempts, ` +
      `at most ${Math.max(...ended.map(({ attempt }) => attempt))} a task`,
  )
}, 300_000)

function start(folder: string, mode: 'run' | 'finish', hear: (line: string) => void) {
  const child = spawn(process.execPath, ['--import', 'tsx', EMBEDDED, folder, mode], { stdio: ['ignore', 'pipe', 'inherit'] })
  createInterface(child.stdout).on('line', hear)
  return child
}
