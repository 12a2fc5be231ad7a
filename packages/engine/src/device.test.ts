import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createEngine, DEFAULT_PARAMETERS } from './index.js'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

test('without CUDA the CPU is used, and the output says so', async () => {
  const photo = await readFile(path('../../../tests/fixtures/group-portrait.jpg'))
  const engine = createEngine({ modelsFolder: path('../../../models'), children: 1, device: 'cuda' })
  try {
    const { device, detections } = await engine.anonymize(photo, { ...DEFAULT_PARAMETERS, face: true })
    // With CUDA on the machine the card does it: the faces are the same.
    expect(['cpu', 'cuda']).toContain(device)
    expect(detections.length).toBeGreaterThanOrEqual(6)
  } finally {
    await engine.close()
  }
})
