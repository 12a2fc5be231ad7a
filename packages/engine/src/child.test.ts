import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { DEFAULT_PARAMETERS } from './parameters.js'
import type { ChildSettings } from './protocol.js'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

test('a child that has searched with two threads declines a large image, and does the next small one', async () => {
  const settings: ChildSettings = {
    ...{ modelsFolder: path('../../../models'), profile: 'fast', device: 'cpu', threads: 2 },
    ...{ maximumPixels: 1e8, reversible: false, lossless: false, strict: false },
  }
  const child = fork(path('../dist/child.js'), [JSON.stringify(settings)], { serialization: 'advanced' })
  const ask = async (width: number, height: number, isLone: boolean) => {
    const image = await sharp({ create: { width, height, channels: 3, background: 'gray' } })
      .png()
      .toBuffer()
    child.send({ image, parameters: DEFAULT_PARAMETERS, isLone })
    return (await once(child, 'message'))[0]
  }
  try {
    expect(await ask(320, 240, true)).toMatchObject({ output: { width: 320 } })
    expect(await ask(8000, 6000, false)).toBe('spent')
    expect(await ask(320, 240, false)).toMatchObject({ output: { width: 320 } })
  } finally {
    child.kill('SIGKILL')
  }
})
