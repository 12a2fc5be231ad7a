/**
 * A process of the service: API, worker or both. Any number of processes can share a database and a
 * store.
 */
import { mkdir } from 'node:fs/promises'
import { apiSettings, buildApp, requestOrigin, startAdmin } from '@obscura/api'
import { createEngine, type Engine, findSandbox, SandboxError } from '@obscura/engine'
import {
  type BackingServices,
  type Config,
  DatabaseUnavailableError,
  FolderLockedError,
  type Logger,
  measureQueue,
  openBackingServices,
  startMetricsServer,
  startTracing,
} from '@obscura/shared'
import { startWorker, type Worker } from '@obscura/worker'
import { CommandError } from '../command-error.js'
import { MODELS_FOLDER } from '../models-folder.js'
import { WEB_FOLDER } from '../web-folder.js'

/** `api` answers requests, `worker` anonymizes, sweeps and sends webhooks. */
export type Role = 'api' | 'worker'

export interface Process {
  /** Address at which clients reach the API. */
  url: string
  /**
   * Stops cleanly: no new requests, images in progress finished or handed back, files and database
   * closed.
   */
  stop(): Promise<void>
}

type Closer = () => Promise<unknown>

/**
 * Starts parts of the service in this process, with the engine in child processes, on the services
 * selected by the settings. `prepare` runs on the database before anybody can connect.
 * @throws CommandError when the data folder or a port is in use, or a required sandbox is not
 * available
 */
export async function startProcess(
  roles: readonly Role[],
  config: Config,
  log: Logger,
  prepare?: (db: BackingServices['db']) => Promise<void>,
): Promise<Process> {
  let address = ''
  const publicUrl = () => config.PUBLIC_URL ?? requestOrigin() ?? address
  if (roles.includes('worker')) await logSandbox(config, log)
  await mkdir(config.OBSCURA_DATA, { recursive: true, mode: 0o700 })
  const backing = await openBackingServices(config, publicUrl, log).catch(error => {
    throw error instanceof FolderLockedError || error instanceof DatabaseUnavailableError
      ? new CommandError(error.message)
      : error
  })
  // Resources are closed in reverse order, however far the start came.
  const closers: Closer[] = [() => backing.close()]
  const { OTEL_EXPORTER_OTLP_ENDPOINT: collector } = config
  if (collector) closers.unshift(await startTracing(collector, `obscura-${roles.join('-')}`))
  const stop = async () => {
    for (const end of closers.splice(0).reverse()) await end()
  }
  try {
    await prepare?.(backing.db)
    if (roles.includes('api')) address = await startApi(config, backing, log, publicUrl, closers)
    const worker = roles.includes('worker') ? await startWorking(config, backing, log, closers) : undefined
    if (config.METRICS_PORT) await startMetrics(config, backing, worker, closers)
    return { url: publicUrl(), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** @returns its address for this machine */
async function startApi(
  config: Config,
  backing: BackingServices,
  log: Logger,
  publicUrl: () => string,
  closers: Closer[],
): Promise<string> {
  const dependencies = { ...backing, log, settings: apiSettings(config, publicUrl), webRoot: WEB_FOLDER }
  const app = await buildApp(dependencies)
  closers.push(() => app.close())
  const address = loopback(await listening(app.listen({ port: config.PORT, host: config.HOST }), config.PORT, config.HOST))
  // With PostgreSQL the commands do not need the socket.
  if (!config.DATABASE_URL) {
    const admin = await startAdmin(dependencies, config.OBSCURA_DATA).catch(err => {
      log.warn(
        { err },
        'Could not create the admin socket in OBSCURA_DATA: `obscura user` and `obscura tasks` only work while the service is stopped.',
      )
    })
    if (admin) closers.push(() => admin.close())
  }
  measureQueue(backing.db)
  return address
}

async function startWorking(config: Config, backing: BackingServices, log: Logger, closers: Closer[]): Promise<Worker> {
  const engine = openEngine(config)
  closers.push(() => engine.close())
  const worker = await startWorker({ ...backing, engine, log }, config)
  closers.push(() => worker.stop())
  return worker
}

/** @throws CommandError when one is required but not available */
async function logSandbox({ ENGINE_SANDBOX, ENGINE_DEVICE }: Config, log: Logger): Promise<void> {
  const { isComplete, sentence } = await findSandbox(ENGINE_SANDBOX, ENGINE_DEVICE).catch(error => {
    throw error instanceof SandboxError ? new CommandError(error.message) : error
  })
  log[isComplete ? 'info' : 'warn'](`Sandbox: ${sentence}.`)
}

async function startMetrics(
  config: Config,
  { db, store, disk }: BackingServices,
  worker: Worker | undefined,
  closers: Closer[],
): Promise<void> {
  const { METRICS_PORT: port, METRICS_HOST: host } = config
  const server = await listening(
    startMetricsServer(port, host, () => Promise.all([db.query('select 1'), store.check(), disk?.require(0), worker?.check()])),
    port,
    host,
  )
  closers.push(() => server.close())
}

function openEngine(config: Config): Engine {
  return createEngine({
    modelsFolder: MODELS_FOLDER,
    profile: config.ENGINE_PROFILE,
    device: config.ENGINE_DEVICE,
    precision: config.ENGINE_PRECISION,
    children: config.ENGINE_CHILDREN,
    threads: config.ENGINE_THREADS,
    limits: {
      pixels: config.ENGINE_MAX_MEGAPIXELS * 1e6,
      memory: config.ENGINE_MAX_MEMORY_MB * 1e6,
      time: config.ENGINE_MAX_SECONDS * 1000,
    },
    sandbox: config.ENGINE_SANDBOX,
    reversible: config.ENGINE_REVERSIBLE,
    lossless: config.ENGINE_LOSSLESS,
    strict: config.ENGINE_STRICT,
    heads: config.ENGINE_HEADS,
    maskLayout: config.MASK_LAYOUT,
  })
}

async function listening<T>(starting: Promise<T>, port: number, host: string): Promise<T> {
  try {
    return await starting
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new CommandError(
        `Port ${port} of ${host} is in use by another program. Stop that program or choose another port: PORT=8081 npm start`,
      )
    if (code === 'EACCES') throw new CommandError(`Only root may use port ${port}. Choose a port above 1023: PORT=8080 npm start`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new CommandError(`HOST=${host} is not an address of this machine. Unset it, or use 0.0.0.0 for all addresses.`)
    throw error
  }
}

/** An address that this machine can connect to, instead of 0.0.0.0. */
function loopback(address: string): string {
  return address.replace('0.0.0.0', '127.0.0.1').replace('[::]', '[::1]')
}
