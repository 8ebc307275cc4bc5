import { describe, expect, it } from 'vitest'

import { widgetsOf } from '../support/dashboard.ts'
import { templateOf } from '../support/template.ts'

/** Of CloudWatch. */
const COLUMNS = 24

describe('the dashboard', () => {
  it.each<Readonly<Record<string, string>>>([
    { stage: 'dev' },
    { stage: 'prod' },
    { stage: 'prod', syntheticFeed: 'on' },
  ])('of %j has every widget on whole columns within the page, and none on another', (context) => {
    const taken = new Set<string>()
    const widgets = widgetsOf(templateOf(context))
    for (const { x, y, width, height } of widgets) {
      for (const each of [x, y, width, height]) expect(each).toSatisfy(Number.isInteger)
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x + width).toBeLessThanOrEqual(COLUMNS)
      for (let column = x; column < x + width; column++)
        for (let line = y; line < y + height; line++) {
          expect(taken).not.toContain(`${column},${line}`)
          taken.add(`${column},${line}`)
        }
    }
    expect(widgets.length).toBeGreaterThan(12)
  })
})
