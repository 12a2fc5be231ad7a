import { mkdir } from 'node:fs/promises'
import { buildApp, createAdminSecret, removeAdminAccess, writeAdminAccess } from '@obscura/api'
import { createEngine, type Engine } from '@obscura/engine'
import { type Config, FolderLockedError, type Logger, openBacking } from '@obscura/shared'
import { startWorker } from '@obscura/worker'
import { Failure } from '../failure.js'
import { MODELS_FOLDER } from '../models-folder.js'
import { ensureFirstUser, type FirstUser } from './first-user.js'

export interface Service {
  /** Where clients reach it. */
  url: string
  user: FirstUser
  /** Ends it in order: no new requests, images under way finished or handed back, files and database closed. */
  stop(): Promise<void>
}

/**
 * Starts API and worker in this process, the engine in children of it, on the backing services that the settings choose.
 * @throws Failure when the data folder or the port is taken
 */
export async function startService(config: Config, log: Logger): Promise<Service> {
  let address = ''
  const publicUrl = () => config.PUBLIC_URL ?? address
  await mkdir(config.OBSCURA_DATA, { recursive: true, mode: 0o700 })
  const backing = await openBacking(config, publicUrl, log).catch(error => {
    throw error instanceof FolderLockedError ? new Failure(error.message) : error
  })
  // What is open, ends in the reverse order, however far the start came.
  const endings: (() => Promise<unknown>)[] = [() => backing.close()]
  const stop = async () => {
    for (const end of endings.splice(0).reverse()) await end()
  }
  try {
    const user = await ensureFirstUser(backing.db, config)
    const secret = createAdminSecret()
    const app = await buildApp({ ...backing, log, settings: apiSettings(config, publicUrl), adminSecret: secret })
    endings.push(() => app.close())
    address = loopback(await listen(app, config))
    const engine = openEngine(config)
    endings.push(() => engine.close())
    const worker = await startWorker({ ...backing, engine, log }, config)
    endings.push(() => worker.stop())
    await writeAdminAccess(config.OBSCURA_DATA, { url: address, secret })
    endings.push(() => removeAdminAccess(config.OBSCURA_DATA))
    return { url: publicUrl(), user, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function openEngine(config: Config): Engine {
  return createEngine({
    modelsFolder: MODELS_FOLDER,
    profile: config.ENGINE_PROFILE,
    children: config.ENGINE_CHILDREN,
    threads: config.ENGINE_THREADS,
    limits: {
      pixels: config.ENGINE_MAX_MEGAPIXELS * 1e6,
      memory: config.ENGINE_MAX_MEMORY_MB * 1e6,
      time: config.ENGINE_MAX_SECONDS * 1000,
    },
    reversible: config.ENGINE_REVERSIBLE,
    maskLayout: config.MASK_LAYOUT,
  })
}

function apiSettings(config: Config, publicUrl: () => string) {
  return {
    publicUrl,
    supportContact: config.SUPPORT_CONTACT,
    uploadMaxBytes: config.UPLOAD_MAX_MB * 1e6,
    plainHttpWebhooks: config.WEBHOOK_ALLOW_PRIVATE,
    trustProxy: config.TRUST_PROXY,
  }
}

async function listen(app: Awaited<ReturnType<typeof buildApp>>, { PORT, HOST }: Config): Promise<string> {
  try {
    return await app.listen({ port: PORT, host: HOST })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new Failure(
        `Port ${PORT} of ${HOST} is in use by another program. Stop it, or choose another one: PORT=8081 npm start`,
      )
    if (code === 'EACCES') throw new Failure(`Port ${PORT} may only be used by root. Choose one above 1023: PORT=8080 npm start`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new Failure(`HOST=${HOST} is no address of this machine. Unset it, or use 0.0.0.0 for all.`)
    throw error
  }
}

/** An address that this machine itself can reach: 0.0.0.0 is none. */
function loopback(address: string): string {
  return address.replace('0.0.0.0', '127.0.0.1').replace('[::]', '[::1]')
}
