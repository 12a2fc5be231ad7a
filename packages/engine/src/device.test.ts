import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createEngine, DEFAULT_PARAMETERS } from './index.js'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** ONNX Runtime's part for CUDA, which the published package leaves out, and a card. */
const HAS_CUDA =
  existsSync(path(`../../../node_modules/onnxruntime-node/bin/napi-v6/linux/${process.arch}/libonnxruntime_providers_cuda.so`)) &&
  existsSync('/dev/nvidia0')

async function withCuda() {
  const photo = await readFile(path('../../../tests/fixtures/group-portrait.jpg'))
  const engine = createEngine({ modelsFolder: path('../../../models'), children: 1, device: 'cuda' })
  try {
    return await engine.anonymize(photo, { ...DEFAULT_PARAMETERS, face: true })
  } finally {
    await engine.close()
  }
}

test.skipIf(HAS_CUDA)('where CUDA cannot be used the CPU does the work, and the output says so', async () => {
  const { device, detections } = await withCuda()
  expect(device).toBe('cpu')
  expect(detections.length).toBeGreaterThanOrEqual(6)
})

test.runIf(HAS_CUDA)('where CUDA can be used the GPU does the work, and finds the same faces', async () => {
  const { device, detections } = await withCuda()
  expect(device).toBe('cuda')
  expect(detections.length).toBeGreaterThanOrEqual(6)
})
