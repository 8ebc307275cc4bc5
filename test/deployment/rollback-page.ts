import { readFileSync } from 'node:fs'

const page = readFileSync(new URL('../../docs/rollback.md', import.meta.url), 'utf8')

/** The commands of a section of docs/rollback.md, as they stand there, by block. */
export function blocksOf(section: string): string[] {
  const [, text] = page.split(`\n## ${section}\n`)
  if (text === undefined) throw new Error(`docs/rollback.md has no section ${section}`)
  const [own = ''] = text.split('\n## ')
  return [...own.matchAll(/^```\n(.*?)^```/gms)].map(([, block = '']) => block)
}
