import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { DEFAULT_PARAMETERS } from '@obscura/contract/parameters'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { readMessages, sendMessage } from './channel.js'
import type { ChildSettings } from './protocol.js'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

test('a child that has searched with two threads declines a large image, and processes the next small one', async () => {
  const settings: ChildSettings = {
    ...{ modelsFolder: path('../../../models'), profile: 'fast', device: 'cpu', precision: 'float', threads: 2 },
    ...{ maximumPixels: 1e8, reversible: false, lossless: false, strict: false, heads: true, preview: false },
  }
  const child = spawn(process.execPath, [path('../dist/child.js'), JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let take: (reply: unknown) => void
  readMessages(
    child.stdout,
    { objects: 1e6, files: 1e9 },
    reply => take(reply),
    () => take('nonsense'),
  )
  const ask = async (width: number, height: number, isOnlyJob: boolean) => {
    const image = await sharp({ create: { width, height, channels: 3, background: 'gray' } })
      .png()
      .toBuffer()
    return new Promise(resolve => {
      take = resolve
      sendMessage(child.stdin, { image, parameters: DEFAULT_PARAMETERS, isOnlyJob })
    })
  }
  try {
    expect(await ask(320, 240, true)).toMatchObject({ output: { width: 320 } })
    expect(await ask(8000, 6000, false)).toBe('spent')
    expect(await ask(320, 240, false)).toMatchObject({ output: { width: 320 } })
  } finally {
    child.kill('SIGKILL')
  }
})
