/**
 * The containers, as docs/operations.md runs them: every command of its sections on compose, backup
 * and single containers, on a real engine. The images of other makers are stand-ins from Debian's
 * packages.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { until } from '@obscura/test-servers/server-folder'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, signIn } from '../chaos/client.js'
import { receiveWebhooks, type WebhookReceiver } from '../chaos/webhook-receiver.js'
import { FIXTURES, REPOSITORY } from '../command.js'
import { prepareStack, type Stack } from './stack.js'

/** The folder of an engine that was started for the tests. */
const engine = process.env.OBSCURA_ENGINE
if (!engine) console.warn('Skipped, because no Docker engine was started for the tests: .ci/run does where it is allowed to.')

/** Milliseconds of a test with several starts of containers, on a machine that does other work. */
const LONG = 900_000
/** Ports on which a container may accept connections from others. */
const LISTENING: Record<string, number[]> = { api: [8080, 9464], worker: [9464], postgres: [5432], redis: [6379], s3: [9000] }
const PASSWORD = 'a long sentence for maria'

/** The commands of a section, without comments. */
async function commandsOf(heading: string): Promise<string[]> {
  const document = await readFile(path.join(REPOSITORY, 'docs/operations.md'), 'utf8')
  const section = document.split(/^## /m).find(part => part.startsWith(heading))!
  const blocks = [...section.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block.replaceAll('\\\n', ''))
  return blocks.flatMap(block => block.trim().split('\n')).map(line => line.replace(/\s+#.*/, ''))
}

describe.skipIf(!engine)('docker-compose.yml on a Docker engine', () => {
  let stack: Stack
  let client: Client
  let hooks: WebhookReceiver
  let photo: Buffer

  beforeAll(async () => {
    stack = await prepareStack(engine!)
    photo = await readFile(path.join(FIXTURES, 'group-portrait.jpg'))
  }, LONG)

  afterAll(async () => {
    await hooks?.stop()
    await stack?.remove()
  }, LONG)

  const anonymized = async (id: number) => {
    await until(async () => (await client.status(id)) === 'done', 240)
    return client.download(id)
  }

  test('starts with the documented commands: setup ends, everything is healthy, doctor finds no fault', {
    timeout: LONG,
  }, async () => {
    const [, up, addUser, doctor] = await commandsOf('Docker compose')
    await stack.shell(up)
    await stack.healthy(5)
    await stack.shell(`${addUser} --password-stdin`, PASSWORD)
    const found = await stack.shell(doctor)
    expect(found).not.toContain('FAIL')
    expect(found).toMatch(/^ok {4}machine: .* 2\.1 GB of [\d.]+ GB of memory \(limit of the container\)$/m)
    client = await signIn(stack.settings.PUBLIC_URL, 'maria', PASSWORD)
    const network = '{{range .IPAM.Config}}{{.Gateway}}{{end}}'
    hooks = await receiveWebhooks(await stack.docker('network', 'inspect', '--format', network, 'obscura_outside'))
  })

  test('anonymizes a photo sent to the published S3 port, and tells a receiver outside', { timeout: LONG }, async () => {
    const id = await client.send(photo, hooks.url)
    const result = await anonymized(id)
    expect(result.subarray(0, 3)).toEqual(photo.subarray(0, 3))
    expect(result.equals(photo)).toBe(false)
    await until(async () => hooks.heard.has(id), 60)
    expect([...hooks.heard.get(id)!]).toEqual(['done'])
  })

  test('lets containers write nothing but their volumes, and listen where they should alone', { timeout: LONG }, async () => {
    for (const [service, ports] of Object.entries(LISTENING)) {
      const [id] = await stack.containers(service)
      await expect(stack.docker('exec', '--user', '0', id, 'touch', '/usr/probe')).rejects.toThrow(/Read-only file system/)
      const tables = await stack.docker('exec', id, 'cat', '/proc/net/tcp', '/proc/net/tcp6')
      // Local address, remote address, state; 0A is listening. Loopback is nobody else's business.
      const listening = [...tables.matchAll(/: (\w+):(\w{4}) \w+:0000 0A /g)].filter(
        ([, address]) => !/7F$|0100007F$|1000000$/.test(address),
      )
      expect([service, [...new Set(listening.map(([, , port]) => Number.parseInt(port, 16)))].sort()]).toEqual([service, ports])
    }
    const published = await stack.docker('ps', '--format', '{{.Ports}}')
    const { API_PORT, S3_PORT } = stack.settings
    expect(published.match(/[\d.]+:\d+->/g)!.sort()).toEqual([`127.0.0.1:${API_PORT}->`, `127.0.0.1:${S3_PORT}->`].sort())
  })

  test('has an image with the command, a list of its components, and nothing to build with', { timeout: LONG }, async () => {
    const inside = (line: string) => stack.docker('run', '--rm', '--entrypoint', 'sh', 'obscura:local', '-c', line)
    const expected = [
      'CHANGELOG.md',
      'LICENSE',
      'NOTICE',
      'README.md',
      'apps',
      'deploy',
      'docs',
      'launcher',
      'models',
      'node_modules',
      'obscura',
    ]
    expect((await inside('ls /obscura')).split('\n')).toEqual([...expected, 'package.json', 'packages', 'sbom.cdx.json'])
    expect(
      await inside('for name in npm npx yarn corepack cc gcc make python3 git curl; do command -v $name || true; done'),
    ).toBe('')
    expect(await inside('obscura --version')).toMatch(/^\d+\.\d+\.\d+/)
    expect(JSON.parse(await inside('cat sbom.cdx.json')).components.length).toBeGreaterThan(100)
    expect(await inside('find /obscura -name "*.ts" -o -name "*.map" | head -n 5')).toBe('')
  })

  test('keeps the number of workers that .env says', { timeout: LONG }, async () => {
    const [, up] = await commandsOf('Docker compose')
    await stack.set('WORKERS', '2')
    await stack.shell(up.replace(' --build', ''))
    await stack.shell(up.replace(' --build', ''))
    expect(await stack.containers('worker')).toHaveLength(2)
    await stack.healthy(6)
  })

  test('loses no task, and finishes none twice, while each container is killed under load', { timeout: LONG }, async () => {
    const sql = (statement: string) =>
      stack.shell(
        `docker compose exec -T postgres psql --username=obscura --tuples-only --no-align --command="${statement}" obscura`,
      )
    await sql('create table ends (id bigint)')
    await sql(
      "create function note() returns trigger language plpgsql as 'begin insert into ends values (new.id); return null; end'",
    )
    await sql(
      "create trigger note after update of status on tasks for each row when (new.status in ('done', 'failed') and old.status is distinct from new.status) execute function note()",
    )
    const ids: number[] = []
    let falling = true
    const sending = (async () => {
      while (falling) {
        const id = await client.send(photo)
        ids.push(id)
        await client.status(id)
      }
    })()
    for (const service of ['worker', 's3', 'postgres', 'redis', 'api', 'worker']) {
      const enough = ids.length + 2
      await until(async () => ids.length >= enough, 240)
      const killed = await stack.containers(service)
      await stack.crash(killed.at(-1)!)
      await until(async () => (await stack.containers(service)).length === killed.length, 60)
    }
    falling = false
    await sending
    await stack.healthy(6)
    for (const id of ids) expect((await anonymized(id)).equals(photo)).toBe(false)
    const ends = (await sql('select id from ends order by id')).trim().split('\n').map(Number)
    expect(ends).toEqual(ids.sort((a, b) => a - b))
  })

  test('goes on after a backup and its restoration, and after a restart of the engine', { timeout: LONG }, async () => {
    const before = await client.send(photo)
    await anonymized(before)
    const [dump, ...restore] = (await commandsOf('Backup and restore')).filter(line => line.startsWith('docker'))
    await stack.shell(dump)
    const after = await client.send(photo)
    await anonymized(after)
    for (const command of restore) await stack.shell(command)
    await stack.healthy(6)
    expect(await client.status(before)).toBe('done')
    await expect(client.status(after)).rejects.toThrow(/answered 400/)
    await stack.restartEngine()
    await stack.healthy(6)
    await anonymized(await client.send(photo))
    await stack.shell('docker compose down --volumes')
  })

  test('is not needed for a single container: the documented command, a crash, another container on its volume', {
    timeout: LONG,
  }, async () => {
    const [alone] = (await commandsOf('Docker compose')).filter(line => line.startsWith('docker run'))
    const port = stack.settings.API_PORT
    const command = alone
      .replace(
        'OBSCURA_PASSWORD=...',
        `OBSCURA_PASSWORD='${PASSWORD}' --env ENGINE_PROFILE=fast --env ENGINE_CHILDREN=1 --env MIN_FREE_MEMORY_MB=200`,
      )
      .replaceAll('8080:8080', `${port}:8080`)
      .replaceAll('localhost:8080', `127.0.0.1:${port}`)
    const first = (await stack.shell(command)).trim()
    await stack.healthy(1)
    client = await signIn(`http://127.0.0.1:${port}`, 'admin', PASSWORD)
    const id = await client.send(photo)
    const result = await anonymized(id)
    await stack.crash(first)
    await until(async () => result.equals(await client.download(id)), 60)
    await stack.docker('rm', '--force', first)
    const second = (await stack.shell(command)).trim()
    expect(result.equals(await client.download(id))).toBe(true)
    await stack.docker('stop', second)
    expect(await stack.docker('inspect', '--format', '{{.State.ExitCode}}', second)).toBe('0')
  })
})
