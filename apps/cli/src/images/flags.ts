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
} from '@obscura/contract'
import { createEngine, DEVICES, type Device, type Engine, SANDBOX_MODES, type SandboxMode } from '@obscura/engine'
import { usableCpus } from '@obscura/engine/machine'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { modelFolders, profileNames } from '../models-folder.js'
import { addLimitFlags, readLimits } from './limits.js'

/** Parameters that only apply to the service. */
const SERVICE_ONLY: ReadonlySet<ParameterName> = new Set(['name', 'webhook', 'start_on', 'review'])
/** Parameters that affect pixels and masks; `obscura detect` creates neither. */
const OF_PIXELS =
  /^(anonymization_method|debug|score|bbox|ignores|areas|mask_scale|quality|compress_level|binary_|instance_|kernel_|(face|license_plate)_anonymization_gradient_)/

/** The API requires a method; the command line does not. */
const DEFAULT_METHOD = 'blur'

/** The values of a command's flags as commander gives them: camelCase names. */
export type FlagValues = Record<string, unknown>

/** Adds a flag for each task parameter of the v2 API that applies to local files. */
export function addParameterFlags(command: Command, kind: 'anonymize' | 'detect'): Command {
  const classesFirst = [...PARAMETERS].sort((a, b) => Number(isClass(b.name)) - Number(isClass(a.name)))
  for (const parameter of classesFirst) {
    if (SERVICE_ONLY.has(parameter.name) || (kind === 'detect' && OF_PIXELS.test(parameter.name))) continue
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
      new Option('--jobs <number>', `images processed at the same time (default: ${usableCpus()}, one per core)`).argParser(
        readJobs,
      ),
    )
    .addOption(
      new Option('--device <name>', 'device that runs the networks: cuda for NVIDIA GPUs, webgpu for any GPU (docs/install.md)')
        .choices(DEVICES)
        .default('cpu'),
    )
    .addOption(
      new Option('--sandbox <mode>', 'sandbox for decoding: auto uses the best one available, required fails without bubblewrap')
        .choices(SANDBOX_MODES)
        .default('auto'),
    )
    .option(
      '--no-heads',
      'with faces: do not search persons, whose heads are anonymized where no face is found; finds fewer faces, in less time',
    )
    .option('--strict', 'refuse damaged images instead of processing them with a warning')
  return addLimitFlags(command)
}

const NAMES: Record<string, string> = {
  anonymization_method: 'method',
  format: 'format',
  ignores: 'json',
  areas: 'json',
  profile: 'name',
}

const PROFILE_HELP =
  'standard; fast runs fewer passes over each image and finds fewer objects; thorough finds the most and takes several times as long; or one of your own, see docs/models.md (default: standard)'

/** Headings of the help and the parameters below each. */
const GROUPS: readonly [heading: string, names: RegExp][] = [
  ['Detection:', /^(face|person|license_plate|vehicle|format|profile)$|_threshold$/],
  ['Anonymization:', /^(anonymization_method|bbox|ignores|areas)$|^kernel_|_gradient_/],
  ['Output:', /./],
]

/** A boolean is a flag without a value; everything else is parsed and validated like in the API. */
function flag({ name, type, default: value, values, description }: ParameterInfo, kind: 'anonymize' | 'detect'): Option {
  const kebab = name.replaceAll('_', '-')
  // Method `detect` would write no image: use `obscura detect` instead.
  const words = values?.filter(word => word !== 'detect')
  let text = name === 'profile' ? PROFILE_HELP : helpText(description.split(' `detect` (an addition')[0])
  if (kind === 'detect') text = text.replace('detect and anonymize', 'detect')
  if (words) text += `: ${words.join(', ')}`
  const shown = name === 'anonymization_method' ? DEFAULT_METHOD : value
  if (shown || shown === 0) text += ` (default: ${shown})`
  const option = new Option(type === 'boolean' ? `--${kebab}` : `--${kebab} <${NAMES[name] ?? 'number'}>`, text)
  option.helpGroup(GROUPS.find(([, names]) => names.test(name))![0])
  return type === 'boolean' ? option : option.argParser(given => readFlag(name, given, words))
}

/** A sentence of the API's reference, in the form of the other flags' help. */
function helpText(description: string): string {
  return description
    .replaceAll('`', '')
    .replace(' An addition of Obscura.', '')
    .replace(/\.$/, '')
    .replace(/^[A-Z](?=[a-z])/, first => first.toLowerCase())
}

function readFlag(name: ParameterName, given: string, words: readonly string[] | undefined): unknown {
  const { type, minimum, maximum } = PARAMETERS.find(parameter => parameter.name === name)!
  let value: unknown
  try {
    value =
      words && !words.includes(given)
        ? undefined
        : readValue(name, PARAMETER_SCHEMAS.get(name)!, given, { plainHttpWebhooks: true, profiles: profileNames() })
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
 * The task parameters given by the flags: the defaults of the API, and all four classes when none
 * is given.
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

/**
 * An idle engine process is ended after this time, which frees its memory while memory is short.
 */
const IDLE_MS = 3000

/** Creates an engine with the options given by the flags of {@link addEngineFlags}. */
export function openEngine(flags: FlagValues): Engine {
  const { pixels, time, memory } = readLimits(flags)
  return createEngine({
    ...modelFolders(),
    device: flags.device as Device,
    children: flags.jobs as number | undefined,
    sandbox: flags.sandbox as SandboxMode,
    lossless: flags.lossless === true,
    strict: flags.strict === true,
    heads: flags.heads !== false,
    limits: { pixels, time, memory },
    idleTime: IDLE_MS,
  })
}

/**
 * Number of images in progress: one more than the engine has processes, so that none waits for a
 * file to be read or written.
 */
export function imageConcurrency(flags: FlagValues): number {
  return ((flags.jobs as number | undefined) ?? usableCpus()) + 1
}
