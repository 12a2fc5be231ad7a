import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/**
 * Has the child that refuses every file started, in a process with these flags.
 * @returns what both wrote to stderr
 */
async function started(...flags: string[]): Promise<string> {
  const script = `
    import { createEngine, DEFAULT_PARAMETERS } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)}
    const modelsFolder = ${JSON.stringify(fileURLToPath(new URL('../../../../models', import.meta.url)))}
    const engine = createEngine({ modelsFolder, children: 1, sandbox: 'off' })
    await engine.anonymize(Buffer.from('no image'), DEFAULT_PARAMETERS).catch(() => {})
    await engine.close()`
  const args = [...flags, '--input-type=module', '--eval', script]
  return (await promisify(execFile)(process.execPath, args)).stderr
}

test('with a debugger at the parent, one may attach to each child as well', async () => {
  expect((await started('--inspect=127.0.0.1:0')).match(/Debugger listening on ws:/g)).toHaveLength(2)
})

test('without one, a child listens to none', async () => {
  expect(await started()).not.toContain('Debugger')
})
