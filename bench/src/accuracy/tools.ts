import { loadNets, type Nets, type ProfileName } from '@obscura/engine/detect'
import { readManifests } from '@obscura/engine/manifest'
import { loadMaskNet, type MaskNet } from '@obscura/engine/masknet'

/** The networks as the engine uses them. */
export interface Tools {
  nets: Nets
  maskNet: MaskNet
  close(): Promise<void>
}

/**
 * Loads the networks of a folder of manifests.
 * @throws Error when there is none that outlines objects
 */
export async function loadTools(models: string, options: { threads: number; profile: ProfileName }): Promise<Tools> {
  const segmenter = (await readManifests(models)).find(manifest => manifest.task === 'segment')
  if (!segmenter) throw new Error(`${models} has no manifest with the task "segment".`)
  const nets = await loadNets(models, options)
  const maskNet = await loadMaskNet(segmenter, models, { threads: options.threads })
  return { nets, maskNet, close: async () => void (await Promise.all([nets.close(), maskNet.close()])) }
}
