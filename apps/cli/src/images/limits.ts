/** The flags for what a photo may cost: settings of the service under other names, with the same defaults and ranges. */
import type { Limits } from '@obscura/engine'
import { VARIABLES } from '@obscura/shared/config'
import { type Command, InvalidArgumentError, Option } from 'commander'

/** Flags that the engine's limits come from, and what one of their units is in the engine's. */
const LIMITS = {
  pixels: {
    flag: '--max-megapixels',
    factor: 1e6,
    setting: VARIABLES.ENGINE_MAX_MEGAPIXELS,
    description: 'photos with more pixels fail',
  },
  time: {
    flag: '--max-seconds',
    factor: 1000,
    setting: VARIABLES.ENGINE_MAX_SECONDS,
    description: 'a photo that takes longer fails',
  },
  memory: {
    flag: '--max-memory',
    factor: 1e6,
    setting: VARIABLES.ENGINE_MAX_MEMORY_MB,
    description: 'a photo that needs more megabytes of memory fails',
  },
} as const satisfies Record<keyof Limits, unknown>

const RESERVE = {
  flag: '--min-free-memory',
  factor: 1e6,
  setting: VARIABLES.MIN_FREE_MEMORY_MB,
  description: 'no photo is begun while fewer megabytes of memory are free; 0: no limit',
}

type LimitFlag = (typeof LIMITS)[keyof Limits] | typeof RESERVE

/** Adds the flags for what a photo may cost. */
export function addLimitFlags(command: Command): Command {
  for (const limit of [...Object.values(LIMITS), RESERVE]) {
    const { flag, setting, description } = limit
    const read = (given: string) => {
      const value = setting.read(given)
      if (value === undefined) throw new InvalidArgumentError(`It must be ${setting.expects}.`)
      return value
    }
    command.addOption(new Option(`${flag} <number>`, description).default(setting.default).argParser(read))
  }
  return command
}

/** The limits that the flags ask for. */
export function readLimits(flags: Record<string, unknown>): Limits {
  const { pixels, time, memory } = LIMITS
  return { pixels: amount(flags, pixels), time: amount(flags, time), memory: amount(flags, memory) }
}

/** Bytes of memory that must be free before a photo is begun. */
export function readReserve(flags: Record<string, unknown>): number {
  return amount(flags, RESERVE)
}

/** What to do about a photo that needs more. */
export function adviceOn(limit: keyof Limits): string {
  return `${LIMITS[limit].flag} allows more.`
}

/** What to do about a wait for so many bytes of free memory. */
export function adviceOnReserve(bytes: number): string {
  return `${RESERVE.flag} asks for ${Math.ceil(bytes / RESERVE.factor)} MB`
}

function amount(flags: Record<string, unknown>, { flag, factor }: LimitFlag): number {
  const name = flag.slice(2).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return (flags[name] as number) * factor
}
