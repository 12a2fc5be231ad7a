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
  timePerImage: 'Time per image',
  originals: 'Originals stored',
  results: 'Results stored',
  usageHint: 'Days are in UTC, by when images were done. Deleted images still count; the amounts stored are those of now.',
  imagesByDay: 'Images per day',
  foundByDay: 'Detections per day, by class',
  timeByDay: 'Processing time per image',
  uploadedByDay: 'Data uploaded per day',
}
