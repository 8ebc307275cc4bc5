import { readPage, sectionOf } from '../../docs/page.ts'

const PAGE = readPage('docs/recovery.md')
const HOUR = 3600

/** The commands of a section of docs/recovery.md for TickStock itself as they stand there, with stage `local`, and `start` in the place of 14:00. */
export function recoveryCommands(section: string, start: number): string[] {
  return [...sectionOf(PAGE, section).matchAll(/^npx tickstock (.+)$/gm)].map(([, words = '']) =>
    words
      .replaceAll('$STAGE', 'local')
      .replaceAll('2025-11-10T13:00', minuteText(start - HOUR))
      .replaceAll('2025-11-10T18:00', minuteText(start + 4 * HOUR))
      .replaceAll('2025-11-09', minuteText(start - 24 * HOUR).slice(0, 10)),
  )
}

/** Unix seconds as `2025-11-10T14:00`. */
export function minuteText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16)
}
