/**
 * Flags for the limits of an image: settings of the service under other names, with the same
 * ranges.
 */
import type { Limits } from '@obscura/engine'
import { VARIABLES } from '@obscura/shared/config'
import { type Command, InvalidArgumentError, Option } from 'commander'

const { ENGINE_MAX_MEGAPIXELS, ENGINE_MAX_SECONDS, ENGINE_MAX_MEMORY_MB, UPLOAD_MAX_MB, MIN_FREE_MEMORY_MB } = VARIABLES

interface LimitFlag {
  name: string
  setting: typeof ENGINE_MAX_MEGAPIXELS
  /** One unit of the flag in pixels, milliseconds or bytes. */
  factor: number
  description: string
}

/**
 * Limits of an image: those of the engine, the size of the file, and the memory that must be free
 * to start.
 */
export type CostLimits = Limits & { file: number; reserve: number }

const FLAGS: Record<keyof CostLimits, LimitFlag> = {
  pixels: {
    name: 'max-megapixels',
    setting: ENGINE_MAX_MEGAPIXELS,
    factor: 1e6,
    description: 'maximum size of an image in megapixels; larger ones fail',
  },
  time: {
    name: 'max-seconds',
    setting: ENGINE_MAX_SECONDS,
    factor: 1000,
    description: 'maximum processing time of an image in seconds; beyond it the image fails',
  },
  memory: {
    name: 'max-memory',
    setting: ENGINE_MAX_MEMORY_MB,
    factor: 1e6,
    description: 'maximum memory for one image in megabytes; beyond it the image fails',
  },
  // These files are not uploaded, so larger ones are allowed, such as panoramas in PNG. A video
  // named .jpg is not read.
  file: {
    name: 'max-file',
    setting: { ...UPLOAD_MAX_MB, default: 1000 },
    factor: 1e6,
    description: 'maximum file size in megabytes; larger files fail',
  },
  reserve: {
    name: 'min-free-memory',
    setting: MIN_FREE_MEMORY_MB,
    factor: 1e6,
    description: 'megabytes of memory that must be free to start an image; 0: no limit',
  },
}

/** Adds the flags for limits. */
export function addLimitFlags(command: Command): Command {
  for (const { name, setting, description } of Object.values(FLAGS)) {
    const read = (given: string) => {
      const value = setting.read(given)
      if (value === undefined) throw new InvalidArgumentError(`It must be ${setting.expects}.`)
      return value
    }
    command.addOption(new Option(`--${name} <number>`, description).default(setting.default).argParser(read))
  }
  return command
}

/** The values of the flags in pixels, milliseconds and bytes. */
export function readLimits(flags: Record<string, unknown>): CostLimits {
  const amounts = Object.entries(FLAGS).map(([limit, { name, factor }]) => {
    const camelCase = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    return [limit, (flags[camelCase] as number) * factor]
  })
  return Object.fromEntries(amounts)
}

/** Advice for an image that exceeds a limit. */
export function adviceOn(limit: keyof Limits | 'file'): string {
  return `--${FLAGS[limit].name} allows more.`
}

/** Advice while waiting for free memory. */
export function adviceOnReserve(bytes: number): string {
  const { name, factor } = FLAGS.reserve
  return `--${name} asks for ${Math.ceil(bytes / factor)} MB`
}
