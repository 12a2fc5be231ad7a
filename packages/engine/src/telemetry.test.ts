import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFAULT_PARAMETERS } from '@obscura/contract/parameters'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { createEngine } from './pool.js'

test('an engine leaves nothing in the home folder, even where no sandbox keeps it out: no telemetry id, no reports waiting to be sent', async () => {
  const [home, folder] = [process.env.HOME, await mkdtemp(join(tmpdir(), 'home-'))]
  process.env.HOME = folder
  const engine = createEngine({
    modelsFolder: fileURLToPath(new URL('../../../models', import.meta.url)),
    children: 1,
    sandbox: 'off',
  })
  try {
    const gray = await sharp({ create: { width: 320, height: 240, channels: 3, background: 'gray' } })
      .png()
      .toBuffer()
    await engine.anonymize(gray, { ...DEFAULT_PARAMETERS, face: true })
    expect(await readdir(folder, { recursive: true })).toEqual([])
  } finally {
    process.env.HOME = home
    await engine.close()
    await rm(folder, { recursive: true })
  }
})
