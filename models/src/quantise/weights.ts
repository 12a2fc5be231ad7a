/** Weights and biases of a convolution as integers. */

/** The weights of a convolution in integers. */
export interface WholeWeights {
  /** Each filter uses its own scale: weight = stored * scale. */
  weights: Int8Array
  scales: Float32Array
  biases?: Int32Array
  biasScales: Float32Array
}

const MOST = 127

/**
 * A bias must fit 32 bits in steps of (scale of the input x scale of the weights), which a filter
 * with hardly any weight makes tiny.
 */
const MAX_BIAS = 1e9

/**
 * Symmetric integers for `filters` filters of equal size.
 * @param inputScale the scale of the convolution's input
 */
export function wholeWeights(
  weights: Float32Array,
  filters: number,
  inputScale: number,
  biases: Float32Array | undefined,
): WholeWeights {
  const area = weights.length / filters
  const scales = Float32Array.from({ length: filters }, (_, filter) => {
    const most = weights.subarray(filter * area, (filter + 1) * area).reduce((max, value) => Math.max(max, Math.abs(value)), 0)
    const least = biases ? Math.abs(biases[filter]) / (inputScale * MAX_BIAS) : 0
    return Math.max(most / MOST, least, 1e-8)
  })
  const biasScales = scales.map(scale => Math.fround(inputScale * scale))
  return {
    weights: Int8Array.from(weights, (value, i) =>
      Math.max(-MOST, Math.min(MOST, Math.round(value / scales[Math.floor(i / area)]))),
    ),
    scales,
    biases: biases && Int32Array.from(biases, (value, filter) => Math.round(value / biasScales[filter])),
    biasScales,
  }
}
