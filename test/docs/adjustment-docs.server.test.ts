import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { CorporateActions } from '../../bin/stage/actions/corporate-actions.ts'
import { ACTION_COLUMNS } from '../../bin/stage/actions/action-columns.ts'
import { readActions } from '../../bin/stage/actions/read-actions.ts'
import { storeActions } from '../functions/api/adjustment/store-actions.ts'
import { type ApiHarness, startApi } from '../functions/api/harness.ts'
import { bar } from '../functions/bar-writer/bars.ts'
import { readPage } from './page.ts'

const page = readPage('docs/adjustment.md')
const blockOf = (kind: string): string => new RegExp(`\`\`\`${kind}\n([^]*?)\`\`\``).exec(page)?.[1] ?? ''

let api: ApiHarness
let folder: string

beforeAll(async () => {
  api = await startApi()
  api.now = Date.now()
  folder = mkdtempSync(join(tmpdir(), 'tickstock-actions-'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await api.close()
})

it('the example of docs/adjustment.md is what its file of actions makes of its closes', async () => {
  const file = join(folder, 'actions.csv')
  writeFileSync(file, blockOf('csv'))
  const read = new CorporateActions()
  for await (const { rows } of readActions(file))
    for (const row of rows) if (row.type === 'actions') row.actions.forEach((action) => read.add(action))
  await storeActions(
    api,
    [...read.calls()].flatMap(({ actions }) => actions),
  )
  const [, closes = '', volume = ''] = /closes of (.+?) of (\d+) shares/s.exec(page) ?? []
  const prices = [...closes.matchAll(/\d+\.\d+/g)].map(([price]) => price)
  expect(prices).toHaveLength(4)
  await api.write(
    prices.map((close, day) =>
      bar({
        symbol: 'YHOO',
        timestamp: `2021-02-${16 + day}T20:59:00Z`,
        volume,
        open: close,
        high: close,
        low: close,
        close,
        vwap: close,
        notional: String(Math.round(Number(close) * 100)),
      }),
    ),
  )
  const [path = ''] = /\/v1\/bars\/YHOO\?\S+/.exec(page) ?? []
  const { status, body } = await api.get(path)
  expect(status).toBe(200)
  // As text: doubles would hide digits.
  const shown = [...blockOf('json').matchAll(/"(t|c|v|vw|notional)": ("[^"]+"|[\d.]+)/g)]
  const found = [...body.matchAll(/"(t|c|v|vw|notional)":("[^"]+"|[\d.]+)/g)]
  const pairs = (matches: readonly RegExpMatchArray[]) => matches.map(([, name, value]) => `${name} ${value}`)
  expect(shown).toHaveLength(20)
  expect(pairs(found).toSorted()).toEqual(pairs(shown).toSorted())
})

it('the page names every name of a column that is read, and no others', () => {
  const rows = page.split('\n').filter((line) => /^\| (symbol|ex-date|split|dividend|kind|id) +\|/.test(line))
  const named = rows.flatMap((row) => [...row.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name ?? ''))
  const known = Object.values(ACTION_COLUMNS).flat()
  expect(named.filter((name) => !known.includes(name))).toEqual([])
  expect(new Set(named)).toEqual(new Set(known))
})
