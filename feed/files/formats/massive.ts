import { type Format, hasColumns } from '../format.ts'

/** https://massive.com/docs/flat-files; the indicators are those of the consolidated tapes. */
const CORRECTIONS: Readonly<Record<string, string | undefined>> = {
  '1': 'corrected later',
  '7': 'marked as an error later',
  '8': 'cancelled later',
  '10': 'a cancel record',
  '11': 'an error record',
}

/**
 * Flat files of Massive (Polygon.io), of stocks, options and crypto. Its `sequence_number` grows with the trades of a ticker,
 * its `id` only within an exchange.
 */
export const massive: Format = {
  name: 'massive',
  title: 'trades of Massive (Polygon)',
  columns: {
    symbol: ['ticker'],
    time: ['siptimestamp', 'participanttimestamp'],
    price: ['price'],
    volume: ['size'],
    id: ['sequencenumber'],
    conditions: ['conditions'],
    tape: ['tape'],
  },
  recognise: (sample) => {
    const isFlatFile =
      hasColumns(sample, 'ticker', 'conditions', 'exchange', 'price', 'size') &&
      (hasColumns(sample, 'siptimestamp') || hasColumns(sample, 'participanttimestamp'))
    if (!isFlatFile) return undefined
    const hasTape = hasColumns(sample, 'tape')
    return {
      line: { name: 'massive', isContiguous: false },
      order: 'sequencenumber',
      // Those of options and crypto are others, and belong to no tape.
      conditions: (text) => (text === '' || !hasTape ? undefined : `[${text}]`),
      leavesOut: (cell) => CORRECTIONS[cell('correction') ?? ''],
    }
  },
}
