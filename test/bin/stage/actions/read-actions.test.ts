import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { readActions } from '../../../../bin/stage/actions/read-actions.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-actions-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(name: string, ...lines: readonly string[]): string {
  const file = join(folder, name)
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

/** Each action of a file, or why a row has none, as one text. */
async function actionsOf(file: string, symbol?: string): Promise<string[]> {
  const found: string[] = []
  for await (const { rows } of readActions(file, { symbol }))
    for (const row of rows) {
      if (row.type !== 'actions') found.push(`${row.place} ${row.type} ${row.reason}: ${row.detail}`)
      else
        for (const action of row.actions)
          found.push(
            [
              action.symbol,
              action.exDate,
              action.kind === 'split' ? `${action.newShares}:${action.oldShares}` : action.amount,
              ...(action.id === undefined ? [] : [action.id]),
            ].join(' '),
          )
    }
  return found
}

describe('files of corporate actions, each as its vendor documents it:', () => {
  it('splits and dividends of Massive, whole answers and NDJSON', async () => {
    const splits = fileOf(
      'splits.json',
      `{"status":"OK","results":[{"execution_date":"2020-08-31","id":"E36416","split_from":1,"split_to":4,"ticker":"AAPL"},
        {"execution_date":"2005-02-28","id":"E90a77","split_from":20,"split_to":21,"ticker":"AAPL"}]}`,
    )
    expect(await actionsOf(splits)).toEqual(['AAPL 2020-08-31 4:1 E36416', 'AAPL 2005-02-28 21:20 E90a77'])
    const both = fileOf(
      'all.ndjson',
      '{"cash_amount":0.22,"dividend_type":"CD","ex_dividend_date":"2021-11-05","id":"E8e3c4","ticker":"AAPL"}',
      '{"execution_date":"2020-08-31","id":"E36416","split_from":1,"split_to":4,"ticker":"AAPL"}',
    )
    expect(await actionsOf(both)).toEqual(['AAPL 2021-11-05 0.22 E8e3c4', 'AAPL 2020-08-31 4:1 E36416'])
  })

  it('forward and reverse splits and cash dividends of Alpaca; others are left out by their name', async () => {
    const file = fileOf(
      'alpaca.csv.gz',
      'corporate_action_type,symbol,ex_date,process_date,old_rate,new_rate,rate,special',
      'forward_splits,NVDA,2024-06-10,2024-06-10,1,10,,',
      'reverse_splits,MULN,2023-12-21,2023-12-21,100,1,,',
      'cash_dividends,KO,2023-03-15,2023-03-16,,,0.46,false',
      'stock_dividends,XYZ,2023-03-15,2023-03-16,,,0.05,',
    )
    expect(await actionsOf(zipped(file))).toEqual([
      'NVDA 2024-06-10 10:1',
      'MULN 2023-12-21 1:100',
      'KO 2023-03-15 0.46',
      '5 left-out stock_dividends: "stock_dividends" is neither a split nor a cash dividend',
    ])
  })

  it('actions of yfinance, with a column for each kind and 0 where there is none', async () => {
    const file = fileOf(
      'aapl.csv',
      'Date,Dividends,Stock Splits',
      '2020-08-07 00:00:00-04:00,0.205,0.0',
      '2020-08-31 00:00:00-04:00,0.0,4.0',
      '2005-02-28 00:00:00-05:00,0.1,2.5',
    )
    expect(await actionsOf(file, 'AAPL')).toEqual([
      'AAPL 2020-08-07 0.205',
      'AAPL 2020-08-31 4:1',
      'AAPL 2005-02-28 5:2',
      'AAPL 2005-02-28 0.1',
    ])
  })

  it('plain tables, with ratios as they are written, and those that say that there is none', async () => {
    const rows = ['4:1', '3/2', '7 for 1', '2-for-1', '1.05:1', '10', '1:1'].map(
      (ratio, place) => `GE,2021080${place + 1},split,${ratio},`,
    )
    const file = fileOf('plain.csv', 'symbol,ex_date,kind,ratio,amount', ...rows, 'GE,2021-08-09,dividend,,0')
    expect((await actionsOf(file)).map((text) => text.slice(3))).toEqual([
      '2021-08-01 4:1',
      '2021-08-02 3:2',
      '2021-08-03 7:1',
      '2021-08-04 2:1',
      '2021-08-05 21:20',
      '2021-08-06 10:1',
      '2021-08-07 1:1',
      '2021-08-09 0',
    ])
  })
})

describe('a bad row', () => {
  it('is told by line, value and reason, and the others are read', async () => {
    const file = fileOf(
      'bad.csv',
      'ticker,ex_date,split_to,split_from,amount',
      'AAPL,2020-02-30,4,1,',
      ',2020-08-31,4,1,',
      'AAPL,2020-08-31,4,,',
      'AAPL,2020-08-31,0,1,',
      'AAPL,2020-08-31,-4,1,',
      'AAPL,2020-08-31,,,x',
      'AAPL,2020-08-31,,,-0.1',
      'AAPL,2020-08-31,,,',
      'AAPL,2020-08-31,4,1',
      'AAPL,1899-12-31,,,1',
      'AAPL,2020-08-31,4,1,',
    )
    expect(await actionsOf(file)).toEqual([
      '2 bad bad-date: the ex-date "2020-02-30" is no day such as 2025-11-10, from 1900 to 2199',
      '3 bad bad-symbol: the symbol "" is none',
      '4 bad bad-ratio: the ratio "4" for "" is none of new shares for old ones, such as 4:1',
      '5 bad bad-ratio: the ratio of the split is 0; 1:1 says that there is no split',
      '6 bad bad-ratio: the ratio "-4" for "1" is none of new shares for old ones, such as 4:1',
      '7 bad bad-amount: the amount "x" is no decimal of 0 or more, with up to 18 decimals',
      '8 bad bad-amount: the amount "-0.1" is no decimal of 0 or more, with up to 18 decimals',
      '9 bad no-value: it has neither the ratio of a split nor the amount of a dividend',
      expect.stringMatching(/^10 bad bad-row: /),
      '11 bad bad-date: the ex-date "1899-12-31" is no day such as 2025-11-10, from 1900 to 2199',
      'AAPL 2020-08-31 4:1',
    ])
  })
})

describe('a file', () => {
  it.each([
    [
      'bars.csv',
      'symbol,timestamp,open,high,low,close,volume',
      /bars.csv has no corporate actions under known/,
    ],
    ['none.csv', 'ex_date,ratio', /none.csv does not say which symbol its actions are of/],
  ])('%s is refused', async (name, header, message) => {
    await expect(actionsOf(fileOf(name, header, '2020-08-31,4:1,1,1,1,1,1'))).rejects.toThrow(message)
  })

  it('with symbols of its own takes no other', async () => {
    const file = fileOf('own.csv', 'symbol,ex_date,ratio', 'AAPL,2020-08-31,4:1')
    await expect(actionsOf(file, 'MSFT')).rejects.toThrow(/leave --symbol MSFT out/)
  })
})

/** The same file, packed in place. */
function zipped(file: string): string {
  writeFileSync(file, gzipSync(readFileSync(file)))
  return file
}
