/**
 * Before any test: compiles what has changed, because packages see each other's `dist`, and
 * commands and child processes run from there; and builds the web page, which browsers get.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** @throws with the messages of the compiler or bundler */
async function build(): Promise<void> {
  for (const command of [
    ['node_modules/typescript/bin/tsc', '-b'],
    ['node_modules/vite/bin/vite.js', 'build', 'apps/web'],
  ])
    await promisify(execFile)(process.execPath, command, { cwd: ROOT }).catch(error => {
      throw new Error(`The sources do not compile:\n${error.stdout || error.message}`)
    })
}

/** Also before each further run of `vitest --watch`. */
export default async function buildBeforeRuns(project: TestProject): Promise<void> {
  await build()
  project.onTestsRerun(build)
}
