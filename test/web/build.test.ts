import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { beforeAll, describe, expect, it } from 'vitest'

import { ensureBuilt } from '../../bin/dashboard/build.ts'

const MOST_BYTES = 250_000

describe('the built page', () => {
  let folder: string
  let page: string

  beforeAll(async () => {
    folder = await ensureBuilt()
    page = readFileSync(join(folder, 'index.html'), 'utf8')
    // It builds the page where it is not built yet.
  }, 120_000)

  it('is small', () => {
    const files = globSync('**/*.*', { cwd: folder })
    const sizes = files.map((file) => gzipSync(readFileSync(join(folder, file))).length)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_BYTES)
  })

  it('has the code for production, whatever the environment says', () => {
    expect(process.env['NODE_ENV']).toBe('test')
    const [chart = ''] = globSync('assets/price-chart-*.js', { cwd: folder })
    // Lightweight Charts for developers has 350 KB.
    expect(statSync(join(folder, chart)).size).toBeLessThan(220_000)
  })

  it('has the browser fetch the chart at once, beside the script that needs it', () => {
    expect(page).toMatch(/<link rel="modulepreload"[^>]* href="\/assets\/price-chart-[\w-]{8}\.js">/)
  })

  it('has a first script of its own, which waits for no other file', () => {
    const scripts = [...page.matchAll(/<script type="module" crossorigin src="(\/assets\/[^"]*)">/g)]
    const [first = '', second] = scripts.map(([, source]) => source)
    expect([first, second]).toEqual([
      expect.stringMatching(/^\/assets\/first-/),
      expect.stringMatching(/^\/assets\/index-/),
    ])
    const code = readFileSync(join(folder, first), 'utf8')
    expect(code.length).toBeLessThan(6000)
    expect(code).toContain('/v1/bars/latest')
    expect(code).not.toMatch(/\b(import|export)\b/)
  })

  it('has nothing inline and nothing from elsewhere, so that a strict policy holds', () => {
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/)
    const sources = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, source]) => source)
    expect(sources.length).toBeGreaterThan(2)
    for (const source of sources) expect(source).toMatch(/^\/(assets\/.+-[\w-]{8}\.(js|css)|favicon\.svg)$/)
    const styles = globSync('assets/*.css', { cwd: folder }).map((file) =>
      readFileSync(join(folder, file), 'utf8'),
    )
    expect(styles.join('')).not.toMatch(/@import|url\(|@font-face/)
  })

  it('is not built again while nothing has changed', async () => {
    const before = statSync(folder).mtimeMs
    expect(await ensureBuilt()).toBe(folder)
    expect(statSync(folder).mtimeMs).toBe(before)
  })
})
