import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import { ONE } from '../../functions/domain/series.ts'
import type { SeriesBar } from '../../functions/domain/series.ts'

/** A bar of the golden set, and what TA-Lib's C library returns for it by column. */
export type GoldenRow = { readonly bar: SeriesBar; readonly talib: Readonly<Record<string, number>> }

const FILE = new URL('../../../shared/data/talib-golden.csv.gz', import.meta.url)
const START = 1_760_106_720

/** The golden set: made-up bars a minute apart. Columns for which TA-Lib has no value yet are left out. */
export function readGolden(): GoldenRow[] {
  const [header = '', ...lines] = gunzipSync(readFileSync(FILE)).toString().trimEnd().split('\n')
  const names = header.split(',')
  return lines.map((line, index) => {
    const cells = line.split(',')
    const talib = Object.fromEntries(
      names.flatMap((name, column) => (cells[column] ? [[name, Number(cells[column])]] : [])),
    )
    const units = (name: string): number => (talib[name] ?? Number.NaN) * ONE
    const close = units('close')
    return {
      bar: {
        start: START + 60 * index,
        open: units('open'),
        high: units('high'),
        low: units('low'),
        close,
        volume: units('volume'),
        vwap: close,
      },
      talib,
    }
  })
}
