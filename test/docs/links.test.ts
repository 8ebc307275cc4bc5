import { existsSync } from 'node:fs'
import { dirname, posix } from 'node:path'

import { describe, expect, it } from 'vitest'

import { cited, headingsOf, pages, proseOf, readPage, ROOT } from './page.ts'

/** The last part of a link to a heading, as GitHub makes it. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')

/** Files that a page tells its reader to make. */
const TO_BE_MADE = new Set(['functions/domain/indicators/momentum.ts'])

describe('the pages name', () => {
  it('files and folders that there are', () => {
    const paths = cited(
      /(?<![\w./-])((?:bin|lib|functions|feed|localstack|test|bench|docs|\.ci|\.github)\/[\w./-]*\w)/g,
    )
    const missing = paths.filter(
      ({ name }) => !existsSync(ROOT + name) && !name.includes('NNNN') && !TO_BE_MADE.has(name),
    )
    expect(missing).toEqual([])
    expect(paths.length).toBeGreaterThan(100)
  })

  it('pages and headings that there are, in links', () => {
    const prose = [...pages, { file: 'CHANGELOG.md', text: readPage('CHANGELOG.md') }].map(
      ({ file, text }) => ({
        file,
        text: proseOf(text),
      }),
    )
    const links = cited(/(?<!!)\[[^\]]+\]\((?!https?:)([^)\s]+)\)/g, prose)
    const broken = links.filter(({ at, name }) => {
      const [path = '', section] = name.split('#')
      const from = at.slice(0, at.lastIndexOf(':'))
      const target = path === '' ? from : posix.join(dirname(from), path)
      if (!existsSync(ROOT + target)) return true
      return (
        section !== undefined &&
        !headingsOf(readPage(target)).some(({ title }) => anchorOf(title) === section)
      )
    })
    expect(broken).toEqual([])
    expect(links.length).toBeGreaterThan(100)
  })

  it('every page of docs/ in its index', () => {
    const index = readPage('docs/README.md')
    const missing = pages
      .map(({ file }) => file)
      .filter((file) => /^docs\/[\w-]+\.md$/.test(file) && file !== 'docs/README.md')
      .filter((file) => !index.includes(`](${file.slice('docs/'.length)})`))
    expect(missing).toEqual([])
  })
})
