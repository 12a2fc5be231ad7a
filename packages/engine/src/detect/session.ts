import { InferenceSession } from 'onnxruntime-node'

/** What the networks run on. `webgpu` takes any graphics card with a Vulkan, Metal or Direct3D 12 driver; `cuda` needs NVIDIA's libraries. */
export const DEVICES = ['cpu', 'cuda', 'webgpu'] as const
export type Device = (typeof DEVICES)[number]

export interface SessionOptions {
  /** Threads of one inference, where the processor does it. */
  threads: number
  /** Default: `cpu`. */
  device?: Device
}

/** Opens a network. Threads sleep while they wait: with spinning, two processes on two cores take each other's time. */
export function openSession(file: string, { threads, device = 'cpu' }: SessionOptions): Promise<InferenceSession> {
  return InferenceSession.create(file, {
    // What a graphics card cannot do, the processor does.
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // An arena for each network keeps what its largest input needed; the process's heap, tuned for it in child-process.ts, shares that: at
    // 12 megapixels 560 instead of 880 MB, for 2 to 4 % more time.
    enableCpuMemArena: false,
    enableMemPattern: false,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
}
