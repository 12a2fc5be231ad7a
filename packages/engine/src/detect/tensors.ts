import type { InferenceSession } from 'onnxruntime-node'
import { type Manifest, ManifestError } from './manifest.js'

/** The fields of decoders that name tensors. */
const NAMES = new Set([
  ...['output', 'scores', 'boxes', 'distances', 'objectness', 'labels', 'prototypes'],
  ...['heat', 'scale', 'offset'],
])

/** An output that a decoder reads, and the field that names it. */
interface Named {
  field: string
  tensor: string
}

/** The outputs that a decoder reads. */
export function tensorsOf(decoder: Manifest['decoder']): Named[] {
  return [...namedIn(decoder, 'decoder')]
}

function* namedIn(value: unknown, path: string): Generator<Named> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    const field = `${path}.${key}`
    if (NAMES.has(key) && typeof inner === 'string') yield { field, tensor: inner }
    else yield* namedIn(inner, field)
  }
}

/**
 * Makes sure that a network has the tensors of its manifest.
 * @throws ManifestError that names the field, and the tensors there are
 */
export function requireTensors({ name, input, decoder }: Manifest, { inputNames, outputNames }: InferenceSession): void {
  const inputs = [
    { field: 'input.tensor', tensor: input.tensor },
    ...Object.keys(input.further ?? {}).map(tensor => ({ field: 'input.further', tensor })),
  ]
  const wrongInput = inputs.find(({ tensor }) => !inputNames.includes(tensor))
  if (wrongInput) throw mismatch(name, wrongInput, 'input', inputNames)
  const forgotten = inputNames.find(tensor => !inputs.some(known => known.tensor === tensor))
  if (forgotten !== undefined) {
    throw new ManifestError(`${name}.json: input.further: expected an entry for the input "${forgotten}" of the ONNX file`)
  }
  const wrongOutput = tensorsOf(decoder).find(({ tensor }) => !outputNames.includes(tensor))
  if (wrongOutput) throw mismatch(name, wrongOutput, 'output', outputNames)
}

function mismatch(name: string, { field, tensor }: Named, kind: string, names: readonly string[]): ManifestError {
  return new ManifestError(`${name}.json: ${field}: the ONNX file has no ${kind} "${tensor}", only ${names.join(', ')}`)
}
