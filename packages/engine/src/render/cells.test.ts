import { expect, test } from 'vitest'
import { type Cells, levelColours, perturb } from './cells.js'

function cells(colours: readonly (readonly [number, number, number])[]): Cells {
  return { rect: [0, 0, colours.length, 1], columns: colours.length, rows: 1, means: Float32Array.from(colours.flat()) }
}

const luma = ([red, green, blue]: readonly number[]) => 0.299 * red + 0.587 * green + 0.114 * blue
const colourOf = ({ means }: Cells, cell: number) => [...means.subarray(3 * cell, 3 * cell + 3)]

test('the noise is normal: its spread as told, and a tail that rules no guess out', () => {
  const noisy = cells(Array.from({ length: 20_000 }, () => [500, 500, 500]))
  perturb(noisy, 40, 1000)
  const moves = Array.from({ length: 20_000 }, (_, cell) => luma(colourOf(noisy, cell)) - 500)
  const mean = moves.reduce((sum, move) => sum + move, 0) / moves.length
  const deviation = Math.sqrt(moves.reduce((sum, move) => sum + (move - mean) ** 2, 0) / moves.length)
  // Lightness moves by 40, and what a quarter of that in each colour adds to the luma: 40.9 in all.
  // Five standard errors are 1.4 and 1.0.
  expect(Math.abs(mean)).toBeLessThan(1.4)
  expect(Math.abs(deviation - 40.9)).toBeLessThan(1)
  // 68.3, 95.4 and 99.7 % lie within one, two and three deviations.
  for (const [bound, fraction] of [
    [1, 0.683],
    [2, 0.954],
    [3, 0.997],
  ]) {
    const within = moves.filter(move => Math.abs(move) < bound * 40.9).length / moves.length
    expect(Math.abs(within - fraction)).toBeLessThan(0.02)
  }
  expect(Math.max(...moves.map(Math.abs))).toBeGreaterThan(3.3 * 40.9)
})

test('means near the ends stay inside, moved as much as others', () => {
  const noisy = cells(Array.from({ length: 5000 }, (_, i) => (i % 2 ? [0, 0, 0] : [255, 255, 255])))
  perturb(noisy, 30, 255)
  expect(Math.min(...noisy.means)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...noisy.means)).toBeLessThanOrEqual(255)
  // Clamped, half of them would stand where they were.
  expect(noisy.means.filter(value => value === 0 || value === 255).length).toBeLessThan(50)
})

test('levelled cells keep their lightness and have one colour', () => {
  const before = [
    [200, 180, 20],
    [30, 25, 10],
    [90, 160, 200],
  ] as const
  const levelled = cells(before)
  levelColours(levelled)
  const [first, ...others] = before.map((_, cell) => colourOf(levelled, cell))
  for (const [cell, colour] of [first, ...others].entries()) {
    expect(luma(colour)).toBeCloseTo(luma(before[cell]), 3)
    expect(colour[0] - colour[1]).toBeCloseTo(first[0] - first[1], 3)
    expect(colour[2] - colour[1]).toBeCloseTo(first[2] - first[1], 3)
  }
})
