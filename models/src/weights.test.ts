import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFloat16, decodeWeights, type WeightEntry } from './weights.js'

describe('decodeFloat16', () => {
  it.each([
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x03ff, 1023 * 2 ** -24],
    [0x0001, 2 ** -24],
    [0x8001, -(2 ** -24)],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x7e00, Number.NaN],
  ])('%i is %d', (bits, value) => {
    expect(decodeFloat16(bits)).toBe(value)
  })

  it('keeps the sign of zero', () => {
    expect(decodeFloat16(0x8000)).toBe(-0)
  })

  it('rises with the bits of positive numbers, and the sign bit turns them round', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7bff }), bits => {
        expect(decodeFloat16(bits + 1)).toBeGreaterThan(decodeFloat16(bits))
        expect(decodeFloat16(bits | 0x8000)).toBe(-decodeFloat16(bits))
      }),
    )
  })
})

/** Decodes weights that lie in one shard. */
function decode(bytes: ArrayLike<number>, ...weights: WeightEntry[]) {
  return decodeWeights([{ paths: ['shard'], weights }], () => Uint8Array.from(bytes))
}

describe('decodeWeights', () => {
  it('reads weights one after the other, also across shards', () => {
    const all = new Uint8Array(Float32Array.of(1, -2, 3.5).buffer)
    const shards: Record<string, Uint8Array> = { a: all.subarray(0, 5), b: all.subarray(5) }
    const weights = [
      { name: 'x', shape: [2], dtype: 'float32' },
      { name: 'y', shape: [], dtype: 'float32' },
    ]
    const decoded = decodeWeights([{ paths: ['a', 'b'], weights }], path => shards[path])
    expect(decoded.get('x')).toEqual({ shape: [2], data: Float32Array.of(1, -2) })
    expect(decoded.get('y')).toEqual({ shape: [], data: Float32Array.of(3.5) })
  })

  it('reads halves, scaled bytes and integers', () => {
    const quantized = (dtype: string, kind: string): WeightEntry => ({
      name: kind + dtype,
      shape: [2],
      dtype,
      quantization: { dtype: kind, scale: 0.5, min: -1 },
    })
    const half = { name: 'half', shape: [1], dtype: 'float32', quantization: { dtype: 'float16' } }
    const int = { name: 'int', shape: [1], dtype: 'int32' }
    const decoded = decode(
      [0x00, 0x3c, 0, 3, 0, 255, 0xfe, 0xff, 0xff, 0xff],
      half,
      quantized('float32', 'uint8'),
      quantized('int32', 'uint8'),
      int,
    )
    expect(decoded.get('half')!.data).toEqual(Float32Array.of(1))
    expect(decoded.get('uint8float32')!.data).toEqual(Float32Array.of(-1, 0.5))
    expect(decoded.get('uint8int32')!.data).toEqual(Int32Array.of(-1, 127))
    expect(decoded.get('int')!.data).toEqual(Int32Array.of(-2))
  })

  it('says which weight cannot be read', () => {
    const x = { name: 'x', shape: [2], dtype: 'float32' }
    expect(() => decode([0, 0, 0, 0, 0, 0, 0], x)).toThrow('weight x: shard ends too early')
    expect(() => decode(new Uint8Array(9), x)).toThrow('shard: 1 bytes more than the manifest lists')
    expect(() => decode([], { ...x, dtype: 'string' })).toThrow('weight x: type string is not supported')
    expect(() => decode(new Uint8Array(4), { ...x, quantization: { dtype: 'uint16' } })).toThrow(
      'weight x: type uint16 is not supported',
    )
  })
})
