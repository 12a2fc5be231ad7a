/** Texts of the page "Usage" in English. */
export const enUsage = {
  usage: 'Usage',
  period: 'Period',
  lastDays: (days: number) => (days === 365 ? 'Last year' : `Last ${days} days`),
  customer: 'Customer',
  allCustomers: 'All customers',
  imagesDone: 'Images done',
  imagesFailed: 'Images failed',
  found: 'Detections',
  timePerImage: 'Time an image',
  originals: 'Originals stored',
  results: 'Results stored',
  usageHint: 'Days are those of UTC on which images were done. Deleted images stay counted; what is stored is as of now.',
  imagesByDay: 'Images a day',
  foundByDay: 'Detections a day, by class',
  timeByDay: 'Processing time an image',
  uploadedByDay: 'Uploaded a day',
}
