/** Formats of labels: annotations.json of the benchmarks' data folders, or COCO JSON. */
export const EXPORT_FORMATS = ['bench', 'coco'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]
