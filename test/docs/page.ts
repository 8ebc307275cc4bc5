import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export type Page = { readonly file: string; readonly text: string }

/** Every page that says what is there now; the CHANGELOG says what was. */
export const pages: readonly Page[] = globSync(['*.md', 'docs/**/*.md', '.github/**/*.md'], { cwd: ROOT })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file !== 'CHANGELOG.md')
  .toSorted()
  .map((file) => ({ file, text: readPage(file) }))

export type Cited = { readonly at: string; readonly name: string }

/** What a pattern finds in pages: its first group, or all of it. */
export function cited(pattern: RegExp, among: readonly Page[] = pages): Cited[] {
  return among.flatMap(({ file, text }) =>
    [...text.matchAll(pattern)].map((match) => ({
      at: `${file}:${text.slice(0, match.index).split('\n').length}`,
      name: match[1] ?? match[0],
    })),
  )
}

/** A page by its path from the root of the repository. */
export function readPage(file: string): string {
  return readFileSync(ROOT + file, 'utf8')
}

/** A page without its code blocks, each line where it was. */
export function proseOf(page: string): string {
  return page.replaceAll(/^```.*?^```$/gms, (block) => block.replaceAll(/[^\n]/g, ''))
}

export type Heading = { readonly title: string; readonly level: number; readonly line: number }

/** The headings of a page. */
export function headingsOf(page: string): Heading[] {
  return proseOf(page)
    .split('\n')
    .flatMap((text, line) => {
      const [, marks, title] = /^(#+) (.+)$/.exec(text) ?? []
      return marks === undefined || title === undefined ? [] : [{ title, level: marks.length, line }]
    })
}

/**
 * The text of a section, to the next heading of its level or above.
 *
 * @throws when the page has no such section
 */
export function sectionOf(page: string, title: string): string {
  const headings = headingsOf(page)
  const own = headings.find((heading) => heading.title === title)
  if (own === undefined) throw new Error(`the page has no section "${title}"`)
  const next = headings.find(({ line, level }) => line > own.line && level <= own.level)
  return page.split('\n').slice(own.line, next?.line).join('\n')
}

/**
 * The only code block of a section in a language.
 *
 * @throws when there is none, or more than one
 */
export function blockOf(page: string, title: string, language: string): string {
  const blocks = [...sectionOf(page, title).matchAll(/^```([^\n]*)\n(.*?)^```$/gms)]
  const found = blocks.flatMap(([, its, code]) => (its === language && code !== undefined ? [code] : []))
  const [code] = found
  if (code === undefined || found.length > 1)
    throw new Error(`the section "${title}" has ${found.length} blocks of ${language}`)
  return code
}
