import { choosePrecision, type PrecisionSetting } from '@obscura/engine'
import {
  loadMaskNet,
  loadNetworks,
  type MaskNet,
  type ModelFolders,
  type Networks,
  readInstalled,
  select,
} from '@obscura/engine/internals'

/** The networks as the engine uses them. */
export interface Tools {
  networks: Networks
  /** Absent where no installed model outlines objects. */
  maskNet?: MaskNet
  close(): Promise<void>
}

interface Options {
  threads: number
  profile: string
  precision: PrecisionSetting
}

/** Loads the networks of a profile as the engine does. */
export async function loadTools({ modelsFolder, ownModels }: ModelFolders, options: Options): Promise<Tools> {
  const { threads, profile } = options
  const precision = choosePrecision(options.precision, 'cpu')
  const { segmenter } = select(await readInstalled({ modelsFolder, ownModels }), profile)
  const networks = await loadNetworks(modelsFolder, { threads, profile, precision, ownModels })
  const maskNet = segmenter && (await loadMaskNet(segmenter.manifest, segmenter.folder, { threads }))
  return { networks, maskNet, close: async () => void (await Promise.all([networks.close(), maskNet?.close()])) }
}
