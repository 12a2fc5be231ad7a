/** Metrics of the models of this process. */
import { Gauge } from 'prom-client'
import type { WorkerModels } from './announce.js'

const info = new Gauge({
  name: 'obscura_models_info',
  help: '1 for what this process detects with: the profile, and a fingerprint of all manifests and profiles',
  labelNames: ['profile', 'fingerprint'],
})
const used = new Gauge({
  name: 'obscura_model_info',
  help: '1 for each network of the profile of this process',
  labelNames: ['name', 'sha256', 'precision'],
})
const differ = new Gauge({
  name: 'obscura_models_differ',
  help: '1 while this worker uses other models, manifests or profiles than most of the others',
})

/** Shows the models of this process. */
export function showModels({ profile, fingerprint, models }: WorkerModels): void {
  info.reset()
  used.reset()
  info.set({ profile, fingerprint }, 1)
  for (const model of models) used.set({ ...model }, 1)
}

/** Shows whether this worker uses others than the rest. */
export function modelsDiffer(value: boolean): void {
  differ.set(Number(value))
}
