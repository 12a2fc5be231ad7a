/**
 * A process of the service: API, worker or both. Any number of processes can share a database and a
 * store.
 */
import { type ApiDependencies, apiSettings, buildApp, requestOrigin, startAdmin } from '@obscura/api'
import { createEngine, type Engine, findSandbox, SandboxError } from '@obscura/engine'
import type { ModelsInUse } from '@obscura/engine/installed'
import {
  type BackingServices,
  type Config,
  type Logger,
  measureQueue,
  openBackingServices,
  startMetricsServer,
  startTracing,
} from '@obscura/shared'
import { startWorker, type Worker } from '@obscura/worker'
import { CommandError } from '../command-error.js'
import { modelFolders } from '../models-folder.js'
import { openingError } from '../opening-error.js'
import { WEB_FOLDER } from '../web-folder.js'
import { aboutModels } from './about-models.js'
import { listening, loopback } from './listening.js'
import { healthLines, readModels } from './models.js'

/** `api` answers requests, `worker` anonymizes, sweeps and sends webhooks. */
export type Role = 'api' | 'worker'

/** A started process of the service. */
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
  const models = await readModels(config, roles.includes('worker'))
  const backing = await openBackingServices(config, publicUrl, log).catch(error => {
    throw openingError(error)
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
    if (roles.includes('api'))
      address = await startApi(
        config,
        { ...backing, log, ...(roles.includes('worker') && { models }) },
        publicUrl,
        models.profiles,
        closers,
      )
    const worker = roles.includes('worker') ? await startWorking(config, backing, log, models, closers) : undefined
    if (config.METRICS_PORT) await startMetrics(config, backing, worker && { ...worker, models }, closers)
    return { url: publicUrl(), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** @returns its address for this machine */
async function startApi(
  config: Config,
  services: Omit<ApiDependencies, 'settings'>,
  publicUrl: () => string,
  profiles: readonly string[],
  closers: Closer[],
): Promise<string> {
  const { log, db } = services
  const dependencies = {
    ...services,
    settings: apiSettings(config, publicUrl, profiles),
    webRoot: WEB_FOLDER,
    aboutModels: () => aboutModels(modelFolders(config.OBSCURA_MODELS)),
  }
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
  measureQueue(db)
  return address
}

async function startWorking(
  config: Config,
  backing: BackingServices,
  log: Logger,
  models: ModelsInUse,
  closers: Closer[],
): Promise<Worker> {
  const engine = openEngine(config)
  closers.push(() => engine.close())
  const worker = await startWorker({ ...backing, engine, log }, config, models)
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
  worker: (Worker & { models: ModelsInUse }) | undefined,
  closers: Closer[],
): Promise<void> {
  const { METRICS_PORT: port, METRICS_HOST: host } = config
  const server = await listening(
    startMetricsServer(
      port,
      host,
      () => Promise.all([db.query('select 1'), store.check(), disk?.require(0), worker?.check()]),
      worker && healthLines(worker.models),
    ),
    port,
    host,
  )
  closers.push(() => server.close())
}

function openEngine(config: Config): Engine {
  return createEngine({
    ...modelFolders(config.OBSCURA_MODELS),
    profile: config.ENGINE_PROFILE,
    device: config.ENGINE_DEVICE,
    precision: config.ENGINE_PRECISION,
    children: config.ENGINE_PROCESSES,
    threads: config.ENGINE_THREADS,
    background: true,
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
    preview: true,
  })
}
