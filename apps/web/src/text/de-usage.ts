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
    'Gezählt wird an dem Tag (UTC), an dem ein Bild fertig wurde, auch wenn es inzwischen gelöscht ist; beim Speicher gilt der Stand von jetzt.',
  imagesByDay: 'Bilder je Tag',
  foundByDay: 'Erkennungen je Tag, nach Klasse',
  timeByDay: 'Bearbeitungszeit je Bild',
  uploadedByDay: 'Hochgeladene Datenmenge je Tag',
}
