import { readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { drawPatterns } from '../../docs/pictures/draw-patterns.ts'

it('docs/patterns.md has the pictures that npm run pictures draws', () => {
  const pictures = [...drawPatterns()]
  for (const [name, svg] of pictures)
    expect(readFileSync(new URL(`../../docs/pictures/${name}.svg`, import.meta.url), 'utf8')).toBe(svg)
  expect(pictures.length).toBeGreaterThan(10)
})
