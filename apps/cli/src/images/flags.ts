import { createEngine, DEVICES, type Device, type Engine, SANDBOX_MODES, type SandboxMode } from '@obscura/engine'
import { usableProcessors } from '@obscura/engine/machine'
import {
  CLASSES,
  type EngineParameters,
  engineParameters,
  PARAMETER_SCHEMAS,
  PARAMETERS,
  type ParameterInfo,
  type ParameterName,
  readValue,
  type TaskParameters,
  ValueError,
} from '@obscura/shared/contract'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { MODELS_FOLDER } from '../models-folder.js'
import { addLimitFlags, readLimits } from './limits.js'

/** Parameters that mean something only to the service. */
const SERVICE_ONLY: ReadonlySet<ParameterName> = new Set(['name', 'webhook', 'start_on'])
/** What changes how pixels and masks look; `obscura detect` makes neither. */
const LOOKS =
  /^(anonymization_method|debug|score|bbox|ignores|mask_scale|quality|compress_level|binary_|instance_|kernel_|(face|license_plate)_anonymization_gradient_)/

/** The API requires a method; the command line does not. */
const DEFAULT_METHOD = 'blur'

/** The values of a command's flags as commander gives them: camelCase names. */
export type FlagValues = Record<string, unknown>

/** Adds one flag for each task parameter of the v2 API that a command on local files can use. */
export function addParameterFlags(command: Command, kind: 'anonymize' | 'detect'): Command {
  const classesFirst = [...PARAMETERS].sort((a, b) => Number(isClass(b.name)) - Number(isClass(a.name)))
  for (const parameter of classesFirst) {
    if (SERVICE_ONLY.has(parameter.name) || (kind === 'detect' && LOOKS.test(parameter.name))) continue
    command.addOption(flag(parameter, kind))
  }
  return command
}

function isClass(name: ParameterName): boolean {
  return (CLASSES as readonly string[]).includes(name)
}

/** Adds the flags that choose how the engine works. */
export function addEngineFlags(command: Command): Command {
  command
    .addOption(
      new Option('--jobs <number>', `images processed at the same time (default: ${usableProcessors()}, one per core)`).argParser(
        readJobs,
      ),
    )
    .addOption(
      new Option('--profile <name>', 'standard finds the most objects; fast runs fewer passes over each image')
        .choices(['standard', 'fast'])
        .default('standard'),
    )
    .addOption(
      new Option(
        '--device <name>',
        'device that runs the networks: cuda for NVIDIA GPUs, webgpu for any GPU (docs/operations.md)',
      )
        .choices(DEVICES)
        .default('cpu'),
    )
    .addOption(
      new Option('--sandbox <mode>', 'sandbox for decoding: auto uses the best one available, required fails without bubblewrap')
        .choices(SANDBOX_MODES)
        .default('auto'),
    )
    .option('--strict', 'refuse damaged images instead of processing them with a warning')
  return addLimitFlags(command)
}

const NAMES: Record<string, string> = {
  anonymization_method: 'method',
  format: 'format',
  ignores: 'json',
}

/** Headings of the help, and the parameters below each. */
const GROUPS: readonly [heading: string, names: RegExp][] = [
  ['Detection:', /^(face|person|license_plate|vehicle|format)$|_threshold$/],
  ['Anonymization:', /^(anonymization_method|bbox|ignores)$|^kernel_|_gradient_/],
  ['Output:', /./],
]

/** A boolean is a bare flag; everything else is read and checked as the API does it. */
function flag({ name, type, default: value, values, description }: ParameterInfo, kind: 'anonymize' | 'detect'): Option {
  const kebab = name.replaceAll('_', '-')
  // Method `detect` would write no image: that is what `obscura detect` is for.
  const words = values?.filter(word => word !== 'detect')
  let text = description.replaceAll('`', '').split(' detect (an addition')[0]
  if (kind === 'detect') text = text.replace('Detect and anonymize', 'Look for')
  if (words) text += ` One of ${words.join(', ')}.`
  if (name === 'anonymization_method') text += ` (default: ${DEFAULT_METHOD})`
  else if (value) text += ` (default: ${value})`
  const option = new Option(type === 'boolean' ? `--${kebab}` : `--${kebab} <${NAMES[name] ?? 'number'}>`, text)
  option.helpGroup(GROUPS.find(([, names]) => names.test(name))![0])
  return type === 'boolean' ? option : option.argParser(given => readFlag(name, given, words))
}

function readFlag(name: ParameterName, given: string, words: readonly string[] | undefined): unknown {
  const { type, minimum, maximum } = PARAMETERS.find(parameter => parameter.name === name)!
  let value: unknown
  try {
    value =
      words && !words.includes(given)
        ? undefined
        : readValue(name, PARAMETER_SCHEMAS.get(name)!, given, { plainHttpWebhooks: true })
  } catch (error) {
    throw error instanceof ValueError ? new InvalidArgumentError(error.message) : error
  }
  if (value !== undefined) return value
  if (words) throw new InvalidArgumentError(`Allowed values: ${words.join(', ')}.`)
  throw new InvalidArgumentError(
    type === 'number' ? `It must be a number from ${minimum} to ${maximum ?? 'below 1'}.` : 'See --help for the expected form.',
  )
}

function readJobs(given: string): number {
  if (!/^[1-9]\d{0,2}$/.test(given)) throw new InvalidArgumentError('It must be a whole number from 1 to 999.')
  return Number(given)
}

/**
 * The task parameters that the flags ask for: the API's defaults, and all four classes when none is
 * named.
 */
export function readParameters(flags: FlagValues, forced: Partial<TaskParameters> = {}): EngineParameters {
  const given = PARAMETERS.map(({ name, default: value }) => [name, flags[camelCase(name)] ?? value])
  const parameters: TaskParameters = {
    anonymization_method: DEFAULT_METHOD,
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
  }
  if (!CLASSES.some(name => parameters[name])) for (const name of CLASSES) parameters[name] = true
  return engineParameters({ ...parameters, ...forced })
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** A child that rests while memory is short gives its own back. */
const IDLE_MS = 3000

/** The engine as the flags of {@link addEngineFlags} ask for it. */
export function openEngine(flags: FlagValues): Engine {
  const { pixels, time, memory } = readLimits(flags)
  return createEngine({
    modelsFolder: MODELS_FOLDER,
    profile: flags.profile as 'standard' | 'fast',
    device: flags.device as Device,
    children: flags.jobs as number | undefined,
    sandbox: flags.sandbox as SandboxMode,
    lossless: flags.lossless === true,
    strict: flags.strict === true,
    limits: { pixels, time, memory },
    idleTime: IDLE_MS,
  })
}

/**
 * How many images are at work at once: one more than the engine has children, so that none waits
 * for a file to be read or written.
 */
export function imagesAtOnce(flags: FlagValues): number {
  return ((flags.jobs as number | undefined) ?? usableProcessors()) + 1
}
