import { InferenceSession } from 'onnxruntime-node'

/**
 * The device that runs the networks. `webgpu` supports any GPU with a Vulkan, Metal or Direct3D 12
 * driver; `cuda` needs NVIDIA's libraries.
 */
export const DEVICES = ['cpu', 'cuda', 'webgpu'] as const
export type Device = (typeof DEVICES)[number]

/** Where an ONNX session runs. */
export interface SessionOptions {
  /** Threads of one inference on the CPU. */
  threads: number
  /** Default: `cpu`. */
  device?: Device
}

/**
 * Loads a network from the content of its ONNX file. Threads sleep while they wait: with spinning,
 * two processes on two cores slow each other down.
 */
export function openSession(model: Uint8Array, { threads, device = 'cpu' }: SessionOptions): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    // Operations that the GPU does not support run on the CPU.
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    // Warnings about how a network was exported help nobody who uses it.
    logSeverityLevel: 3,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // A per-network arena would keep the memory of its largest input; the heap, tuned in
    // child-environment.ts, shares it: at 12 megapixels 560 instead of 880 MB, for 2 to 4 % more
    // time.
    enableCpuMemArena: false,
    enableMemPattern: false,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
}
