import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { BarTable } from '../../../bin/direct/bar-table.ts'
import { foldFiles, foldFilesInto, type ReadFilesOptions } from '../../../bin/direct/fold-files.ts'
import { OtherFold } from '../../../bin/direct/other-fold.ts'
import type { SideSource } from '../../../functions/domain/other-bars/sides.ts'
import { otherBarCells } from '../../support/other-bar-cells.ts'
import { kindOf } from '../../support/other-bars.ts'
import { QUIET_READING } from '../../support/quiet-reading.ts'
import { RECORDED_SETS, tradesPath } from '../../support/trades.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-other-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const reading = (): Omit<ReadFilesOptions, 'onSort'> => ({
  ...QUIET_READING,
  read: {},
  folder: mkdtempSync(join(folder, 'runs-')),
  now: Date.UTC(2026, 0, 1),
})

type Cells = readonly (string | null)[]

/** The cells of all bars, and whether the files were read twice. */
async function barsOf(files: readonly string[], name: string, side: SideSource = 'venue') {
  let rows: Cells[] = []
  let isSorted = false
  await foldFilesInto(files, {
    ...reading(),
    read: { sides: side === 'venue' },
    createFold: (symbol) =>
      new OtherFold(symbol, {
        kind: kindOf(name),
        side,
        onBars: (of, bars) => rows.push(...bars.map((bar) => otherBarCells(of, bar))),
      }),
    onSort: () => {
      rows = []
      isSorted = true
    },
  })
  return { rows, isSorted }
}

function fileOf(name: string, lines: readonly string[]): string {
  const file = join(folder, name)
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

describe('other bars of files', () => {
  it.each(RECORDED_SETS)('of one minute are the bars of a replay of %s', async (set) => {
    let table = new BarTable()
    await foldFiles([tradesPath(set)], {
      ...reading(),
      rules: { latenessSeconds: 120, graceMs: 86_400_000, maxPending: 200 },
      onBars: (symbol, bars) => void table.take(symbol, bars),
      onSort: () => {
        table = new BarTable()
      },
    })
    const { rows } = await barsOf([tradesPath(set)], '1Min')
    const ours = rows.map(([symbol, time, _last, ...cells]) => [
      symbol,
      time,
      ...cells.slice(0, 5),
      ...cells.slice(6, 8),
    ])
    const expected = [...table.rows()].map((cells) => cells.slice(0, -1))
    expect(expected.length).toBeGreaterThan(200)
    expect(ours.toSorted(byKey)).toEqual(expected.toSorted(byKey))
  })

  it('are the same when the rows are in no order, and read twice', async () => {
    const rows = Array.from(
      { length: 500 },
      (_, index) => `A,${1_760_106_720 + index},${100 + (index % 7)},${1 + (index % 3)}`,
    )
    const header = 'symbol,timestamp,price,volume'
    const ordered = await barsOf([fileOf('ordered.csv', [header, ...rows])], 'volume:20')
    const mixed = await barsOf(
      [
        fileOf('mixed.csv', [
          header,
          ...rows.filter((_, index) => index % 2 === 0).toReversed(),
          ...rows.filter((_, index) => index % 2 === 1),
        ]),
      ],
      'volume:20',
    )
    expect(mixed.isSorted).toBe(true)
    expect(ordered).toEqual({ ...mixed, isSorted: false })
  })

  it('have numbers of any digits and trades with sale conditions', async () => {
    const file = fileOf('any.csv', [
      'symbol,timestamp,price,volume,conditions,tape,side',
      'A,1760106720.000000001,100000000000000.000000000000000001,0.000000000000000001,,,buy',
      'A,1760106721,1,7,["T"],A,sell',
      'A,1760106722,2,5,,,sell',
    ])
    const { rows } = await barsOf([file], 'tick:2')
    expect(rows).toEqual([
      [
        'A',
        '2025-10-10T14:32:00.000000001Z',
        '2025-10-10T14:32:01Z',
        ...Array.from({ length: 4 }, () => '100000000000000.000000000000000001'),
        '7.000000000000000001',
        '7.000100000000000000000000000000000001',
        '1.00001429',
        '2',
        '0.000000000000000001',
        '7',
        'true',
      ],
      [
        'A',
        '2025-10-10T14:32:02Z',
        '2025-10-10T14:32:02Z',
        '2',
        '2',
        '2',
        '2',
        '5',
        '10',
        '2',
        '1',
        '0',
        '5',
        'false',
      ],
    ])
  })
})

type AnyCells = readonly (string | null | undefined)[]

function byKey([symbol = '', time = '']: AnyCells, [other = '', otherTime = '']: AnyCells): number {
  return `${symbol} ${time}` < `${other} ${otherTime}` ? -1 : 1
}

const T = 1_760_106_720_000

describe('the side of a trade is that of who took the liquidity', () => {
  it.each([
    [
      'tardis',
      't.csv',
      [
        'exchange,symbol,timestamp,local_timestamp,id,side,price,amount',
        `x,A,${T}000,${T}000,1,buy,1,2`,
        `x,A,${T}001,${T}001,2,sell,1,3`,
        `x,A,${T}002,${T}002,3,unknown,1,9`,
      ],
    ],
    ['binance', 'A-trades-2025-10-10.csv', [`1,1,2,2,${T},false,true`, `2,1,3,3,${T},true,true`]],
    ['binance-agg', 'A-aggTrades-2025-10-10.csv', [`1,1,2,1,1,${T},false,true`, `2,1,3,2,2,${T},true,true`]],
    [
      'coinbase',
      'A-USD.ndjson',
      [
        '{"trade_id":1,"side":"sell","size":"2","price":"1","time":"2025-10-10T14:32:00Z"}',
        '{"trade_id":2,"side":"buy","size":"3","price":"1","time":"2025-10-10T14:32:00Z"}',
      ],
    ],
    [
      'databento',
      'd.csv',
      [
        'ts_event,action,side,price,size,sequence,symbol',
        `${T}000000,T,B,1000000000,2,1,A`,
        `${T}000000,T,A,1000000000,3,2,A`,
        `${T}000000,T,N,1000000000,9,3,A`,
      ],
    ],
    [
      'alpaca',
      'a.ndjson',
      [
        '{"S":"A/USD","t":"2025-10-10T14:32:00Z","p":1,"s":2,"i":1,"tks":"B"}',
        '{"S":"A/USD","t":"2025-10-10T14:32:00Z","p":1,"s":3,"i":2,"tks":"S"}',
      ],
    ],
    [
      'tickstock',
      'own.csv',
      ['symbol,timestamp,price,volume,taker_side', `A,${T},1,2,BUY`, `A,${T},1,3,Sell`, `A,${T},1,9,`],
    ],
  ])('in a file of %s', async (_format, name, lines) => {
    const { rows } = await barsOf([fileOf(name, lines)], '1Day')
    expect(rows.map((cells) => cells.slice(-3))).toEqual([['2', '3', 'false']])
  })

  it('is none where the file does not say, and guessed by the tick rule where that is asked for', async () => {
    const file = fileOf('none.csv', [
      'symbol,timestamp,price,volume',
      ...[5, 6, 6, 4, 4].map((price, index) => `A,${T + index},${price},${10 ** index}`),
    ])
    expect((await barsOf([file], '1Day')).rows.map((cells) => cells.slice(-3))).toEqual([
      [null, null, 'false'],
    ])
    const guessed = await barsOf([file], '1Day', 'tick-rule')
    expect(guessed.rows.map((cells) => cells.slice(-3))).toEqual([['110', '11000', 'false']])
  })
})
