import type { enUsage } from './en-usage.js'

/** Texte der Seite „Nutzung“ auf Deutsch. */
export const deUsage: typeof enUsage = {
  usage: 'Nutzung',
  period: 'Zeitraum',
  lastDays: days => (days === 365 ? 'Letztes Jahr' : `Letzte ${days} Tage`),
  customer: 'Kunde',
  allCustomers: 'Alle Kunden',
  imagesDone: 'Fertige Bilder',
  imagesFailed: 'Fehlgeschlagene Bilder',
  found: 'Gefunden',
  timePerImage: 'Zeit je Bild',
  originals: 'Gespeicherte Originale',
  results: 'Gespeicherte Ergebnisse',
  usageHint:
    'Tage sind die der UTC, an denen Bilder fertig wurden. Gelöschte Bilder bleiben gezählt; gespeichert ist, was es jetzt ist.',
  imagesByDay: 'Bilder je Tag',
  foundByDay: 'Gefunden je Tag, nach Klasse',
  timeByDay: 'Bearbeitungszeit je Bild',
  uploadedByDay: 'Hochgeladen je Tag',
}
