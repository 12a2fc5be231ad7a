import { dirname, resolve as resolvePath } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inBackground } from './background.js'
import { EngineChild } from './child-process.js'
import { choosePrecision } from './detect/precision.js'
import type { Engine } from './engine.js'
import { createLane } from './lane.js'
import { usableCpus } from './machine/index.js'
import { DEFAULT_LIMITS, type EngineOptions } from './options.js'
import type { ChildSettings } from './protocol.js'
import { ENGINE_FILES, findSandbox, type Sandbox } from './sandbox/sandbox.js'

const ENGINE_CHILD = new URL('../dist/child.js', import.meta.url)
const IDLE_MS = 5 * 60_000
/** The networks are small: more threads hardly speed up one image. */
const MAX_THREADS = 4
/**
 * Children that only render: they load no networks, and somebody waits for each of their images.
 */
const RENDERERS = 1

/**
 * Creates the engine. Children are started on demand; the first image of each waits for the
 * networks to load. Images that are only rendered have a child of their own.
 */
export function createEngine(options: EngineOptions): Engine {
  const cores = usableCpus()
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const settings: ChildSettings = {
    // A child has another working directory.
    modelsFolder: options.modelsFolder && resolvePath(options.modelsFolder),
    ownModels: options.ownModels && resolvePath(options.ownModels),
    profile: options.profile ?? 'standard',
    device: options.device ?? 'cpu',
    precision: choosePrecision(options.precision ?? 'auto', options.device ?? 'cpu'),
    threads: options.threads ?? Math.min(cores, MAX_THREADS),
    maximumPixels: limits.pixels,
    reversible: options.reversible ?? false,
    lossless: options.lossless ?? false,
    strict: options.strict ?? false,
    heads: options.heads ?? true,
    maskLayout: options.maskLayout,
    preview: options.preview ?? false,
  }
  const device = settings.device
  const module = fileURLToPath(options.childModule ?? ENGINE_CHILD)
  const readable = [...ENGINE_FILES, settings.modelsFolder, ...(settings.ownModels ? [settings.ownModels] : []), dirname(module)]
  const finding = findSandbox(options.sandbox ?? 'auto', device)
  // Reported for each image.
  finding.catch(() => {})
  let sandbox: Sandbox

  const command = () => sandbox.command({ module, arguments: [JSON.stringify(settings)], readable, device })
  const startDetector = () => new EngineChild(options.background ? inBackground(command()) : command(), limits)
  const startRenderer = () => new EngineChild(command(), limits)

  const idleTime = options.idleTime ?? IDLE_MS
  const detection = createLane(options.children ?? cores, idleTime, startDetector)
  const rendering = createLane(RENDERERS, idleTime, startRenderer)

  return {
    async anonymize(image, parameters, { signal, logo } = {}) {
      sandbox = await finding
      return detection.run({ image, parameters, logo }, signal)
    },
    async render(image, known, parameters, { signal, logo } = {}) {
      sandbox = await finding
      return rendering.run({ image, parameters, known, logo }, signal)
    },
    async close() {
      await Promise.all([detection.close(), rendering.close()])
    },
  }
}
