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
  found: 'Erkennungen',
  timePerImage: 'Zeit je Bild',
  originals: 'Gespeicherte Originale',
  results: 'Gespeicherte Ergebnisse',
  usageHint:
    'Tage in UTC, nach der Fertigstellung der Bilder. Gelöschte Bilder zählen weiter mit; die Angaben zum Speicher sind die von jetzt.',
  imagesByDay: 'Bilder je Tag',
  foundByDay: 'Erkennungen je Tag, nach Klasse',
  timeByDay: 'Bearbeitungszeit je Bild',
  uploadedByDay: 'Hochgeladene Datenmenge je Tag',
}
