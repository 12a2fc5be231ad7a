/**
 * The containers, as the documents run them: every command of the sections on compose, backup
 * and single containers, on a real engine. The images of other makers are stand-ins from Debian's
 * packages.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { until } from '@obscura/test-servers/server-folder'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, signIn } from '../chaos/client.js'
import { receiveWebhooks, type WebhookReceiver } from '../chaos/webhook-receiver.js'
import { FIXTURES, REPOSITORY } from '../command.js'
import { previousVersion } from './history.js'
import { prepareStack, type Stack } from './stack.js'
import { testArchive, testImage, testSingleContainer } from './without-compose.js'

/** The folder of an engine that was started for the tests. */
const engine = process.env.OBSCURA_ENGINE
if (!engine) console.warn('Skipped, because no Docker engine was started for the tests: .ci/run does where it is allowed to.')
const previous = engine && (await previousVersion(REPOSITORY))
if (engine && !previous) console.warn('The upgrade is skipped, because this clone has no earlier version: it is too shallow.')

/** Milliseconds of a test with several starts of containers, on a machine that does other work. */
const LONG = 900_000
/** Ports on which a container may accept connections from others. */
const LISTENING: Record<string, number[]> = { api: [8080, 9464], worker: [9464], postgres: [5432], redis: [6379], s3: [9000] }
const PASSWORD = 'a long sentence for maria'

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

  /** @returns the command of `doctor` */
  const startAsDocumented = async () => {
    const [, up, addUser, doctor] = await stack.commands('Docker compose')
    await stack.shell(up)
    await stack.healthy(5)
    await stack.shell(`${addUser} --password-stdin`, PASSWORD)
    client = await signIn(stack.settings.PUBLIC_URL, 'maria', PASSWORD)
    const network = '{{range .IPAM.Config}}{{.Gateway}}{{end}}'
    await hooks?.stop()
    hooks = await receiveWebhooks(await stack.docker('network', 'inspect', '--format', network, 'obscura_outside'))
    return doctor
  }
  const imageOfApi = async () => stack.docker('inspect', '--format', '{{.Image}}', ...(await stack.containers('api')))
  const anonymized = async (id: number) => {
    await until(async () => (await client.status(id)) === 'done', 240)
    return client.download(id)
  }

  test('starts with the documented commands: setup ends, everything is healthy, doctor finds no fault', {
    timeout: LONG,
  }, async () => {
    const doctor = await startAsDocumented()
    const found = await stack.shell(doctor)
    expect(found).not.toContain('FAIL')
    expect(found).toMatch(/^ok {4}machine: .* 2\.1 GB of [\d.]+ GB of memory \(limit of the container\)$/m)
  })

  test('anonymizes a photo sent to the published S3 port, with masks and metadata, and tells a receiver outside', {
    timeout: LONG,
  }, async () => {
    const asked = { binary_segmentation_mask: true, instance_segmentation_mask: true }
    const id = await client.send(photo, hooks.url, asked)
    const result = await anonymized(id)
    expect(result.equals(photo)).toBe(false)
    const { width, height } = await sharp(result).metadata()
    const task = await client.read<Record<string, string>>(`/v2/task/${id}`)
    for (const name of Object.keys(asked)) {
      const url = task[`${name}_url`]
      expect(url).toContain(`127.0.0.1:${stack.settings.S3_PORT}/`)
      const mask = Buffer.from(await (await fetch(url)).arrayBuffer())
      expect(await sharp(mask).metadata()).toMatchObject({ format: 'png', width, height })
      expect((await sharp(mask).stats()).entropy).toBeGreaterThan(0)
    }
    const { detections } = await client.read<{ detections: { type_label: string }[] }>(`/v2/task/${id}/metadata`)
    expect(detections.filter(({ type_label }) => type_label === 'face')).toHaveLength(6)
    await until(async () => hooks.heard.has(id), 60)
    expect([...hooks.heard.get(id)!]).toEqual(['done'])

    // GET task contained the URL of the original: who got it is in the audit log.
    await stack.shell('docker compose exec api obscura user admin maria')
    let looks: object[] = []
    await until(async () => {
      looks = await client.read<{ items: object[] }>(`/v2/admin/audit?task_id=${id}`).then(
        ({ items }) => items,
        () => [],
      )
      return looks.length > 0
    }, 30)
    expect(looks).toMatchObject([{ username: 'maria', task_id: id, address: expect.stringMatching(/^\d+(\.\d+){3}$/) }])
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
      // No UDP socket is open to others: 07 is one without a partner.
      const datagrams = await stack.docker('exec', id, 'cat', '/proc/net/udp', '/proc/net/udp6')
      const open = [...datagrams.matchAll(/: (\w+):(\w{4}) \w+:0000 07 /g)].filter(
        ([, address]) => !/7F$|0100007F$|1000000$/.test(address),
      )
      expect([service, open.map(([found]) => found)]).toEqual([service, []])
    }
    const published = await stack.docker('ps', '--format', '{{.Ports}}')
    const { API_PORT, S3_PORT } = stack.settings
    expect(published.match(/[\d.]+:\d+->/g)!.sort()).toEqual([`127.0.0.1:${API_PORT}->`, `127.0.0.1:${S3_PORT}->`].sort())
  })

  testImage(() => stack)

  test('has as many workers as --scale says until the next start, and then as .env says, also from a published image', {
    timeout: LONG,
  }, async () => {
    const scale = (await stack.commands('Docker compose')).find(line => line.includes('--scale'))!
    await stack.shell(scale.replace(/=\d/, '=2'))
    expect(await stack.containers('worker')).toHaveLength(2)
    // From a published image, which is neither built nor to be found on this machine's registry.
    const published = (await stack.commands('Docker compose')).find(line => line.includes('--no-build'))!
    await stack.docker('tag', 'obscura:local', 'registry.example.com/obscura:0.1.0')
    await stack.set('OBSCURA_IMAGE', 'registry.example.com/obscura:0.1.0')
    await stack.set('WORKERS', '2')
    await stack.shell(published)
    expect(await stack.containers('worker')).toHaveLength(2)
    await stack.healthy(6)
    const used = await stack.docker('inspect', '--format', '{{.Config.Image}}', ...(await stack.containers('api')))
    expect(used).toBe('registry.example.com/obscura:0.1.0')
  })

  test('loses no task, and finishes none twice, while each container is killed under load', { timeout: LONG }, async () => {
    const sql = (statement: string) =>
      stack.shell(
        `docker compose exec -T postgres psql --username=obscura --tuples-only --no-align --command="${statement}" obscura`,
      )
    await sql(
      "create table ends (id bigint); create function note() returns trigger language plpgsql as 'begin insert into ends values (new.id); return null; end'; create trigger note after update of status on tasks for each row when (new.status in ('done', 'failed') and old.status is distinct from new.status) execute function note()",
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

  test('continues after a backup and its restoration, a stop and a start, and a restart of the engine', {
    timeout: LONG,
  }, async () => {
    const before = await client.send(photo)
    await anonymized(before)
    const [dump, ...restore] = (await stack.commands('Backup and restore')).filter(line => line.startsWith('docker'))
    await stack.shell(dump)
    const after = await client.send(photo)
    await anonymized(after)
    for (const command of restore) await stack.shell(command)
    expect(await client.status(before)).toBe('done')
    await expect(client.status(after)).rejects.toThrow(/answered 400/)
    const waiting = await client.send(photo)
    const [stop, start, remove] = (await stack.commands('Docker compose')).filter(line => /compose (stop|start|down)/.test(line))
    await stack.shell(stop)
    expect(await stack.docker('ps', '--quiet')).toBe('')
    await stack.shell(start)
    await anonymized(waiting)
    await stack.restartEngine()
    await anonymized(await client.send(photo))
    await stack.shell(remove)
    expect(await stack.docker('volume', 'ls', '--quiet', '--filter', 'name=obscura_')).toBe('')
  })

  test.skipIf(!previous)(
    'is upgraded with the documented command while tasks wait: none is lost, all are as they were',
    {
      timeout: LONG,
    },
    async () => {
      await stack.checkOut(previous!)
      await startAsDocumented()
      const done = await client.send(photo)
      const result = await anonymized(done)
      await stack.shell('docker compose stop worker')
      const image = await imageOfApi()
      const waiting: number[] = []
      for (let n = 0; n < 6; n++) waiting.push(await client.send(photo, hooks.url))
      const upgrade = (await stack.commands('Upgrades')).find(line => line.startsWith('git pull'))!
      await stack.shell(upgrade)
      await stack.healthy(5)
      expect(await imageOfApi()).not.toBe(image)
      for (const id of waiting) expect((await anonymized(id)).equals(photo)).toBe(false)
      expect(result.equals(await client.download(done))).toBe(true)
      await until(async () => waiting.every(id => hooks.heard.get(id)?.has('done')), 60)
      client = await signIn(stack.settings.PUBLIC_URL, 'maria', PASSWORD)
      const { items } = await client.read<{ items: object[] }>('/v2/task/list?create_time_after=2024-01-01&limit=100')
      expect(items).toHaveLength(1 + waiting.length)
      await stack.shell('docker compose kill')
    },
  )

  testSingleContainer(() => stack)
  testArchive(() => stack)
})
