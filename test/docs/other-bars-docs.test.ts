import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { otherBarColumns } from '../../bin/stage/other-bar-rows.ts'
import { readTrades } from '../../feed/files/read-trades.ts'
import { parseBarKind } from '../../functions/domain/other-bars/kind.ts'
import { SIDES } from '../../functions/domain/side.ts'
import { otherBarCells } from '../support/other-bar-cells.ts'
import { otherBars } from '../support/other-bars.ts'
import { toTrade } from '../support/trades.ts'
import { blockOf, readPage, sectionOf } from './page.ts'

const page = readPage('docs/other-bars.md')
const NAMES = otherBarColumns('venue').map(([name]) => name)

describe('docs/other-bars.md', () => {
  it('names kinds that there are', () => {
    const named = [...sectionOf(page, 'Kinds').matchAll(/^\| (`[^|]+)\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    )
    expect(named.length).toBeGreaterThan(10)
    for (const name of named) expect(parseBarKind(name)).not.toHaveProperty('fault')
  })

  it('names the columns in their order', () => {
    const listed = [...sectionOf(page, 'Columns').matchAll(/^\| (`[^|]+)\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    )
    expect(listed).toEqual(NAMES)
  })

  it('shows what the trades of its sample come to', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tickstock-docs-'))
    try {
      const file = join(folder, 'trades.csv')
      writeFileSync(file, `${blockOf(page, 'From files', 'csv')}\n`)
      const trades = []
      for await (const { rows } of readTrades(file, { sides: true }))
        for (const row of rows)
          if (row.type === 'trade')
            trades.push({ ...toTrade(row.tick), side: SIDES[row.tick.side ?? 'unknown'] })
      const cells = otherBars('volume:3', trades).map((bar) => otherBarCells('BTCUSDT', bar))
      const lines = [NAMES, ...cells].map((row) => row.join(','))
      expect(lines).toEqual(blockOf(page, 'From files', 'text').trim().split('\n'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
