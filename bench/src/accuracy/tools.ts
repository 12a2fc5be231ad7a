import { choosePrecision, type PrecisionSetting } from '@obscura/engine'
import {
  loadMaskNet,
  loadNetworks,
  type MaskNet,
  type Networks,
  type ProfileName,
  readManifests,
} from '@obscura/engine/internals'

/** The networks as the engine uses them. */
export interface Tools {
  networks: Networks
  maskNet: MaskNet
  close(): Promise<void>
}

interface Options {
  threads: number
  profile: ProfileName
  precision: PrecisionSetting
}

/**
 * Loads the networks of a folder of manifests.
 * @throws Error when there is none that outlines objects
 */
export async function loadTools(models: string, options: Options): Promise<Tools> {
  const segmenter = (await readManifests(models)).find(manifest => manifest.task === 'segment')
  if (!segmenter) throw new Error(`${models} has no manifest with the task "segment".`)
  const networks = await loadNetworks(models, { ...options, precision: choosePrecision(options.precision, 'cpu') })
  const maskNet = await loadMaskNet(segmenter, models, { threads: options.threads })
  return { networks, maskNet, close: async () => void (await Promise.all([networks.close(), maskNet.close()])) }
}
