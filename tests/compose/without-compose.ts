/** Tests of what runs without compose: the image, a single container, the archive. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { until } from '@obscura/test-servers/server-folder'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { signIn } from '../chaos/client.js'
import { FIXTURES, REPOSITORY } from '../command.js'
import type { Stack } from './stack.js'

const LONG = 900_000
const PASSWORD = 'a long sentence for admin'
const PHOTO = path.join(FIXTURES, 'group-portrait.jpg')
/** Ten on a machine that does nothing else. */
const MAX_FIRST_PHOTO_SECONDS = 60

/** What `docker compose up --build` has built. */
export function testImage(stack: () => Stack): void {
  test('has an image with the command, lists and licences of its components, and nothing to build with', {
    timeout: LONG,
  }, async () => {
    const inside = (line: string) => stack().docker('run', '--rm', '--entrypoint', 'sh', 'obscura:local', '-c', line)
    const files = ['CHANGELOG.md', 'LICENSE', 'NOTICE', 'README.md', 'apps', 'deploy', 'docs', 'launcher', 'licenses']
    const more = ['models', 'node_modules', 'obscura', 'package.json', 'packages', 'sbom.cdx.json']
    const lines = await inside(
      'obscura --version && head -n 1 licenses/node/LICENSE && ls && find . -name "*.ts" -o -name "*.map"',
    )
    const [version, node, ...found] = lines.split('\n')
    expect([version, node]).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+/), expect.stringContaining('Node.js')])
    expect(found).toEqual([...files, ...more])
    const report = await stack().shell(`"${process.execPath}" release/image-report.mjs obscura:local`)
    console.log(report)
    expect(report).toMatch(/^tools to install, compile or fetch: +none$/m)
    expect(report).toMatch(/^set-user-id files: +none$/m)
    expect(report).toMatch(/^user: +10001:10001$/m)
    expect(Number(/^npm packages: +(\d+)/m.exec(report)![1])).toBeGreaterThan(100)
  })
}

export function testSingleContainer(stack: () => Stack): void {
  test('is not needed for a single container: the documented command, a crash, another container on its volume', {
    timeout: LONG,
  }, async () => {
    const { commands, crash, docker, healthy, settings, shell } = stack()
    const [alone] = (await commands('Docker compose')).filter(line => line.startsWith('docker run'))
    const port = settings.API_PORT
    const small = '--env ENGINE_PROFILE=fast --env ENGINE_PROCESSES=1 --env MIN_FREE_MEMORY_MB=200'
    const command = alone
      .replace('OBSCURA_PASSWORD=...', `OBSCURA_PASSWORD='${PASSWORD}' ${small}`)
      .replaceAll('8080:8080', `${port}:8080`)
      .replaceAll('localhost:8080', `127.0.0.1:${port}`)
    const first = (await shell(command)).trim()
    await healthy(1)
    const client = await signIn(`http://127.0.0.1:${port}`, 'admin', PASSWORD)
    const id = await client.send(await readFile(PHOTO))
    await until(async () => (await client.status(id)) === 'done', 240)
    const result = await client.download(id)
    await crash(first)
    await until(async () => result.equals(await client.download(id)), 60)
    const page = await fetch(`http://127.0.0.1:${port}/`)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<title>')])
    await docker('rm', '--force', first)
    const second = (await shell(command)).trim()
    expect(result.equals(await client.download(id))).toBe(true)
    await docker('stop', second)
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', second)).toBe('0')
  })
}

export function testArchive(stack: () => Stack): void {
  // Debian and the program node, without npm; the root file system keeps nothing.
  test('is not needed for the archive: its first photo in a container without any network, with nothing but Node.js', {
    timeout: LONG,
  }, async () => {
    const { commands, docker, folder, shell } = stack()
    const [check, unpack, anonymize] = (await commands('Without a network')).filter(line => line.includes('obscura-'))
    const out = path.join(folder, 'archive')
    const { stdout } = await promisify(execFile)(process.execPath, ['release/archive.mjs', out], { cwd: REPOSITORY })
    const name = path.basename(stdout.trim())
    const here = (line: string) => line.replaceAll(/obscura-[\d.]+-linux-x64\.tar\.gz/g, name)
    await shell(
      `cp -r ${path.dirname(PHOTO)} archive/photos && mkdir archive/node && docker create --name node node:24-bookworm-slim node`,
    )
    await shell('docker cp node:/usr/local/bin/node archive/node/ && docker rm node')
    const timed = `start=$(date +%s%3N) && ${anonymize} && echo "first photo after $(($(date +%s%3N) - start)) ms"`
    const script = [here(check), here(unpack), 'rm photos/street-taxis.jpg', timed].join(' && ')
    const volumes = ['--volume', `${out}:/work`, '--volume', `${out}/node:/opt/node:ro`, '--workdir', '/work']
    const alone = ['--rm', '--network', 'none', '--env', 'PATH=/opt/node:/usr/bin:/bin', ...volumes]
    const printed = await docker('run', ...alone, 'debian:bookworm-slim', 'sh', '-c', `! command -v npm && ${script}`)
    const seconds = Number(/first photo after (\d+) ms/.exec(printed)![1]) / 1000
    console.log(`The archive's first anonymized photo took ${seconds} s.`)
    expect(seconds).toBeLessThan(MAX_FIRST_PHOTO_SECONDS)
    const result = await readFile(path.join(out, 'anonymized/group-portrait.jpg'))
    expect(result.equals(await readFile(PHOTO))).toBe(false)
    expect(await sharp(result).metadata()).toMatchObject({ width: 1600, height: 1064 })
    const unpacked = path.join(out, name.replace(/-\w+-\w+\.tar\.gz$/, ''))
    expect(await readFile(path.join(unpacked, 'apps/web/dist/index.html'), 'utf8')).toContain('<title>')
  })
}
