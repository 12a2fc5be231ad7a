import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { choosePrecision } from './precision.js'

const cpuinfo = (flags: string) => `processor\t: 0\nmodel name\t: a processor\n${flags}\nbugs\t\t: none\n`

test.each([
  ['flags\t\t: fpu sse2 avx2 avx512f avx512_vnni', 'int8'],
  ['flags\t\t: fpu sse2 avx2 avx_vnni', 'int8'],
  ['Features\t: fp asimd evtstrm asimddp sve', 'int8'],
  ['flags\t\t: fpu sse2 avx2 avx512f', 'float'],
  ['Features\t: fp asimd evtstrm', 'float'],
  ['flags\t\t: fpu my_avx_vnnix', 'float'],
  ['', 'float'],
])('a processor with "%s" computes with %s', (flags, precision) => {
  expect(choosePrecision('auto', 'cpu', cpuinfo(flags))).toBe(precision)
})

test('the setting applies on a CPU, and GPUs compute with floats', () => {
  expect(choosePrecision('int8', 'cpu', '')).toBe('int8')
  expect(choosePrecision('float', 'cpu', cpuinfo('flags\t: avx_vnni'))).toBe('float')
  expect(choosePrecision('int8', 'cuda', cpuinfo('flags\t: avx_vnni'))).toBe('float')
})

test.skipIf(process.platform !== 'linux')('this machine describes itself', () => {
  // grep exits with 1 where no line matches.
  const { status } = spawnSync('grep', ['-qwE', 'avx512_vnni|avx_vnni|asimddp', '/proc/cpuinfo'])
  expect(choosePrecision('auto', 'cpu')).toBe(status === 0 ? 'int8' : 'float')
})
