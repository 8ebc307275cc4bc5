import { type Format, hasColumns } from '../format.ts'

/** This project's own layout, and any table whose columns have usual names. */
export const own: Format = {
  name: 'tickstock',
  title: 'trades',
  isGeneral: true,
  columns: {
    symbol: ['symbol', 'ticker', 'sym', 'instrument', 'product', 'productid', 'pair', 'contract'],
    time: [
      'timestamp',
      'time',
      'ts',
      'datetime',
      'tradetime',
      'siptimestamp',
      'participanttimestamp',
      'tsevent',
      'tsrecv',
      'transacttime',
      'exchangetimestamp',
    ],
    price: ['price', 'px', 'tradeprice', 'lastprice'],
    volume: ['volume', 'size', 'qty', 'quantity', 'amount', 'vol'],
    id: ['id', 'tradeid', 'tid'],
    line: ['line'],
    conditions: ['conditions', 'condition', 'saleconditions'],
    tape: ['tape'],
    side: ['side', 'takerside'],
  },
  recognise: (sample) => {
    const has = (...names: readonly string[]): boolean => names.some((name) => hasColumns(sample, name))
    const { time = [], price = [], volume = [] } = own.columns
    if (!has(...time) || !has(...price) || !has(...volume)) return undefined
    return { conditions: readConditions }
  },
}

/** A JSON array, ids of Massive with commas or spaces between them, or codes of one character each. */
function readConditions(text: string): string | undefined {
  const list = text.trim()
  if (list === '') return undefined
  if (list.startsWith('[')) return list
  if (/^\d{2,}$|^\d+(?:[ ,;]\d+)+$/.test(list)) return `[${list.split(/[ ,;]/).join(',')}]`
  return JSON.stringify(list.split(/[ ,;]+/))
}
