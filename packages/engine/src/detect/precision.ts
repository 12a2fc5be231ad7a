import { readFileSync } from 'node:fs'
import { arch, platform } from 'node:os'
import type { Device } from './session.js'

/** `int8`: detectors compute with 8-bit integers where there are such models. */
export type Precision = 'float' | 'int8'

/** What can be set: `auto` is the faster one of both on this processor. */
export const PRECISIONS = ['auto', 'float', 'int8'] as const
export type PrecisionSetting = (typeof PRECISIONS)[number]

/**
 * Instructions that multiply bytes and add them in 32 bits. Without them 8 bits are hardly faster,
 * and on x86 sums saturate at 16 bits, which costs accuracy.
 */
const DOT_PRODUCT = /\b(?:avx512_vnni|avx_vnni|asimddp)\b/

/**
 * The precision in which detectors compute. GPUs compute with floats.
 * @param description what the kernel says of the processors; by default that of this machine
 */
export function choosePrecision(setting: PrecisionSetting, device: Device, description = describeProcessors()): Precision {
  if (device !== 'cpu') return 'float'
  if (setting !== 'auto') return setting
  return DOT_PRODUCT.test(description) ? 'int8' : 'float'
}

function describeProcessors(): string {
  // Every processor of Apple's has them; there is no such file to read.
  if (platform() === 'darwin' && arch() === 'arm64') return 'Features: asimddp'
  try {
    return readFileSync('/proc/cpuinfo', 'utf8')
  } catch {
    return ''
  }
}
