/**
 * Two classic ways to undo a Gaussian blur whose width is known. The border is taken as mirrored,
 * which makes the blur a product in the DCT.
 */
import type { Plane } from './plane.js'

/**
 * Wiener deconvolution: every frequency divided by what the blur left of it, held back where noise
 * outweighs it.
 * @param noise power of noise to signal; smaller restores more and amplifies more noise.
 */
export function wiener({ width, height, values }: Plane, sigma: number, noise: number): Plane {
  const across = dct(width)
  const down = dct(height)
  const spectrum = multiply(multiply(down, values, height, height, width), transposed(across, width), height, width, width)
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const response = responseOf(v, height, sigma) * responseOf(u, width, sigma)
      spectrum[v * width + u] *= response / (response ** 2 + noise)
    }
  }
  const restored = multiply(multiply(transposed(down, height), spectrum, height, height, width), across, height, width, width)
  return clamped({ width, height, values: restored })
}

/**
 * Richardson-Lucy (Richardson 1972, Lucy 1974): the most likely original for Poisson noise, by
 * repeated comparison with the blurred image.
 * @returns the estimate after each of the given numbers of iterations, which ascend.
 */
export function richardsonLucy(blurred: Plane, sigma: number, iterations: readonly number[]): Plane[] {
  const { width, height } = blurred
  const across = blurMatrix(width, sigma)
  const down = blurMatrix(height, sigma)
  const blur = (values: Float32Array) => multiply(multiply(down, values, height, height, width), across, height, width, width)
  let estimate = blurred.values.map(value => Math.max(value, 1))
  const estimates: Plane[] = []
  for (let i = 1; i <= iterations[iterations.length - 1]; i++) {
    const again = blur(estimate)
    const ratio = blur(blurred.values.map((value, k) => value / Math.max(again[k], 1e-3)))
    estimate = estimate.map((value, k) => value * Math.max(0, ratio[k]))
    if (iterations.includes(i)) estimates.push(clamped({ width, height, values: estimate }))
  }
  return estimates
}

/** What a Gaussian leaves, 0..1, of the k-th cosine of n samples. */
function responseOf(k: number, n: number, sigma: number): number {
  return Math.exp(-(((sigma * Math.PI * k) / n) ** 2) / 2)
}

/** The n x n matrix that blurs n samples; it is symmetric. */
function blurMatrix(n: number, sigma: number): Float32Array {
  const forward = dct(n)
  const damped = forward.map((value, i) => value * responseOf(Math.floor(i / n), n, sigma))
  return multiply(transposed(forward, n), damped, n, n, n)
}

/** The orthonormal DCT-II matrix of n samples, n x n. */
function dct(n: number): Float32Array {
  const matrix = new Float32Array(n * n)
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) matrix[k * n + i] = Math.sqrt((k === 0 ? 1 : 2) / n) * Math.cos((Math.PI * (i + 0.5) * k) / n)
  }
  return matrix
}

function transposed(matrix: Float32Array, n: number): Float32Array {
  const result = new Float32Array(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) result[j * n + i] = matrix[i * n + j]
  return result
}

/** Product of an a x b and a b x c matrix. */
function multiply(left: Float32Array, right: Float32Array, a: number, b: number, c: number): Float32Array {
  const result = new Float32Array(a * c)
  for (let i = 0; i < a; i++) {
    for (let k = 0; k < b; k++) {
      const factor = left[i * b + k]
      for (let j = 0; j < c; j++) result[i * c + j] += factor * right[k * c + j]
    }
  }
  return result
}

function clamped(plane: Plane): Plane {
  return { ...plane, values: plane.values.map(value => Math.min(255, Math.max(0, value))) }
}
