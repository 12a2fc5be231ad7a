import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger, readConfig } from '@obscura/shared'
import { expect, test } from 'vitest'
import { MODELS_FOLDER } from '../models-folder.js'
import { startProcess } from './process.js'

test('a worker whose model has no file does not start, and says which and what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'process-'))
  try {
    const own = join(folder, 'own')
    await mkdir(join(own, 'manifests'), { recursive: true })
    await copyFile(join(MODELS_FOLDER, 'manifests/mask.json'), join(own, 'manifests/mask.json'))
    const data = join(folder, 'data')
    const config = readConfig({ OBSCURA_MODELS: own, OBSCURA_DATA: data, ENGINE_SANDBOX: 'off' })
    await expect(startProcess(['worker'], config, createLogger('silent'))).rejects.toMatchObject({
      name: 'CommandError',
      message: expect.stringMatching(/own.weights.mask\.onnx is missing; run \.\/obscura prepare/),
    })
    expect(await readdir(folder)).toEqual(['own'])
  } finally {
    await rm(folder, { recursive: true })
  }
})
