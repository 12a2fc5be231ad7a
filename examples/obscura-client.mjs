#!/usr/bin/env node
/**
 * Anonymizes photos with Obscura, or any other service with the Celantur Cloud API v2. Node.js 20
 * or newer, no packages.
 *
 *     export OBSCURA_URL=http://127.0.0.1:8080 OBSCURA_USERNAME=admin OBSCURA_PASSWORD=...
 *     node obscura-client.mjs --out anonymized photos/*.jpg
 *
 * Photos that have a result in the output folder are skipped, so the same line continues after an
 * interrupt. Exit code: 0 when all photos are done, 1 when some failed.
 */
import { realpathSync } from 'node:fs'
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** What is anonymized unless --parameters says otherwise; docs/compatibility.md lists all. */
const PARAMETERS = { anonymization_method: 'blur', face: true, license_plate: true }

const MAX_ATTEMPTS = 8
const REQUEST_MS = 120_000
/** A task that is not finished after this time counts as failed. */
const MAX_WAIT_MS = 30 * 60_000
/** Between two looks at a task: each pause is half as long again as the one before. */
const FIRST_PAUSE_MS = 500
const MAX_PAUSE_MS = 10_000

/**
 * Sends a request and reads the whole body. Repeats what a busy or restarting service and a bad
 * network cost, after 1, 2, 4... seconds or what Retry-After says. A task that is created twice
 * this way does no harm: it never gets a file and expires.
 * @throws Error with the service's own words when it refuses
 */
async function send(url, init = {}) {
  for (let attempt = 1; ; attempt++) {
    let pause = 1000 * Math.min(2 ** (attempt - 1), 60)
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_MS) })
      const body = Buffer.from(await response.arrayBuffer())
      const isTrouble = response.status === 429 || response.status >= 500
      if (!isTrouble || attempt === MAX_ATTEMPTS) return { response, body }
      pause = Number(response.headers.get('retry-after')) * 1000 || pause
    } catch (error) {
      if (attempt === MAX_ATTEMPTS) throw new Error(`${url.split('?')[0]}: ${error.cause?.message ?? error.message}`)
    }
    await sleep(pause)
  }
}

function checked({ response, body }) {
  const isJson = response.headers.get('content-type')?.includes('json') && body.length > 0
  const content = isJson ? JSON.parse(body.toString()) : body
  if (response.ok) return content
  const reason = content.error ?? content.message ?? response.statusText
  throw new Error(`${response.url.split('?')[0]}: ${response.status} ${reason}`)
}

/** One user's connection to the service. */
export function createClient(url, username, password) {
  const api = `${url.replace(/\/+$/, '')}/v2`
  let token

  function signIn() {
    // All photos that are in progress wait for the same token.
    token = send(`${api}/signin`, { method: 'POST', body: JSON.stringify({ username, password }) }).then(
      reply => checked(reply).AccessToken,
    )
  }

  async function call(method, route, body) {
    if (!token) signIn()
    const used = token
    const request = async () =>
      send(api + route, { method, headers: { Authorization: await token }, body: body && JSON.stringify(body) })
    let reply = await request()
    if (reply.response.status === 401) {
      // The token has expired.
      if (token === used) signIn()
      reply = await request()
    }
    return checked(reply)
  }

  async function wait(id) {
    const deadline = Date.now() + MAX_WAIT_MS
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, MAX_PAUSE_MS)) {
      const { task_status, failure_cause } = await call('GET', `/task/${id}/status`)
      if (task_status === 'done') return
      if (['failed', 'deleted'].includes(task_status))
        throw new Error(`task ${id} ${task_status}: ${failure_cause ?? 'no cause given'}`)
      if (Date.now() > deadline) throw new Error(`task ${id} is still ${task_status} after ${MAX_WAIT_MS / 60_000} minutes`)
      await sleep(pause)
    }
  }

  /** Returns the anonymized bytes of a photo. */
  return async function anonymize(bytes, parameters = PARAMETERS) {
    const { task_id, upload_url } = await call('POST', '/task', parameters)
    // The URL is complete and needs no Authorization header.
    checked(await send(upload_url, { method: 'PUT', body: bytes }))
    await wait(task_id)
    const { anonymized_url } = await call('GET', `/task/${task_id}`)
    return checked(await send(anonymized_url))
  }
}

async function main() {
  const { values, positionals: photos } = parseArgs({
    allowPositionals: true,
    options: { out: { type: 'string' }, parameters: { type: 'string' }, jobs: { type: 'string', default: '4' } },
  })
  const { OBSCURA_URL = 'http://127.0.0.1:8080', OBSCURA_USERNAME = 'admin', OBSCURA_PASSWORD } = process.env
  if (!values.out || photos.length === 0 || !OBSCURA_PASSWORD) {
    throw new Error(
      'Usage: OBSCURA_PASSWORD=... node obscura-client.mjs --out FOLDER [--parameters JSON] [--jobs NUMBER] PHOTO...',
    )
  }
  const parameters = values.parameters ? JSON.parse(values.parameters) : PARAMETERS
  const anonymize = createClient(OBSCURA_URL, OBSCURA_USERNAME, OBSCURA_PASSWORD)
  await mkdir(values.out, { recursive: true })

  async function one(photo) {
    const result = path.join(values.out, path.basename(photo))
    if (
      await access(result).then(
        () => true,
        () => false,
      )
    ) {
      console.log(`${photo}: skipped, ${result} exists`)
      return
    }
    try {
      const bytes = await anonymize(await readFile(photo), parameters)
      // Under its own name there is only ever a complete result.
      await writeFile(`${result}.part`, bytes)
      await rename(`${result}.part`, result)
      console.log(`${photo}: anonymized`)
    } catch (error) {
      console.error(`${photo}: failed: ${error.message}`)
      process.exitCode = 1
    }
  }

  const lane = async () => {
    for (let photo = photos.shift(); photo; photo = photos.shift()) await one(photo)
  }
  await Promise.all(Array.from({ length: Number(values.jobs) }, lane))
}

if (fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  await main().catch(error => {
    console.error(error.message)
    process.exitCode = 1
  })
}
