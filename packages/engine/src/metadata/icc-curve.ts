/** Whether the tone curves of a colour profile leave what can be seen as it is in sRGB. */

/** Where curves are compared: steps of a sample of eight bits. */
const STEPS = 255
const DISPLAY_GAMMA = 2.2
/**
 * How far a curve may be from sRGB's, in fractions of the range as the eye sees it: a plain gamma
 * of 1.8 differs by up to 0.07.
 */
const NEAR = 0.1

/** Parameters of each kind of parametric curve. (ICC.1:2022, table 68) */
const PARAMETER_COUNTS = [1, 3, 4, 5, 7]

/**
 * @param data a tag of type `curv` or `para`
 * @returns false as well for one that is damaged or of another type
 */
export function isNearSrgbCurve(data: Uint8Array): boolean {
  const curve = curveOf(data)
  if (!curve) return false
  for (let step = 0; step <= STEPS; step++) {
    const value = step / STEPS
    const seen = Math.min(1, Math.max(0, curve(value))) ** (1 / DISPLAY_GAMMA)
    // Not "> NEAR": what is not a number is not near.
    if (!(Math.abs(seen - value) <= NEAR)) return false
  }
  return true
}

type Curve = (value: number) => number

/** From a device's value 0..1 to light. (ICC.1:2022, 10.6 and 10.18) */
function curveOf(data: Uint8Array): Curve | undefined {
  if (data.length < 12) return undefined
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  const type = String.fromCharCode(...data.subarray(0, 4))
  if (type === 'para') return parametricCurve(view)
  return type === 'curv' ? sampledCurve(view) : undefined
}

/** No sample: as it is; one: a gamma in 8.8; more: a table. */
function sampledCurve(view: DataView): Curve | undefined {
  const count = view.getUint32(8)
  if (view.byteLength < 12 + 2 * count) return undefined
  if (count === 0) return value => value
  if (count === 1) return value => value ** (view.getUint16(12) / 256)
  const sample = (index: number) => view.getUint16(12 + 2 * index) / 65535
  return value => {
    const place = value * (count - 1)
    const below = Math.min(count - 2, Math.floor(place))
    return sample(below) + (place - below) * (sample(below + 1) - sample(below))
  }
}

function parametricCurve(view: DataView): Curve | undefined {
  const kind = view.getUint16(8)
  const count = PARAMETER_COUNTS[kind]
  if (!count || view.byteLength < 12 + 4 * count) return undefined
  const [g, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from({ length: count }, (_, i) => view.getInt32(12 + 4 * i) / 65536)
  if (kind === 0) return value => value ** g
  if (kind === 1) return value => (value >= -b / a ? (a * value + b) ** g : 0)
  if (kind === 2) return value => (value >= -b / a ? (a * value + b) ** g + c : c)
  return value => (value >= d ? (a * value + b) ** g + e : c * value + f)
}
