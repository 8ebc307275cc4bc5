import { reduced } from '../../../functions/domain/adjustment.ts'
import { formatDecimal, parseDecimal, unitsAt } from '../../../functions/domain/decimal.ts'
import { isSymbol } from '../../../functions/domain/trade.ts'
import { plainName, SECONDS } from '../../../feed/files/table.ts'
import { type ActionRole, KINDS } from './action-columns.ts'

/** A corporate action of a file. A split of 1 for 1, and a dividend of 0, says that there is none. */
export type FileAction = {
  readonly symbol: string
  /** As `2025-11-10`. */
  readonly exDate: string
  /** What the file calls it, where it does; of rows with one, only the first counts. */
  readonly id: string | undefined
} & (
  | { readonly kind: 'split'; readonly newShares: bigint; readonly oldShares: bigint }
  | { readonly kind: 'dividend'; readonly amount: string }
)

/** Why a row is no action, or of none of the kinds that are read. */
export type ActionFault =
  | { readonly type: 'bad'; readonly reason: string; readonly detail: string }
  | { readonly type: 'left-out'; readonly reason: string; readonly detail: string }

type Values = (role: ActionRole) => string

/** Reads the actions of a row: a split, a dividend, or one of each. */
export function parseActions(value: Values, fixed: string | undefined): readonly FileAction[] | ActionFault {
  const symbol = fixed ?? value('symbol')
  if (!isSymbol(symbol)) return bad('bad-symbol', `the symbol ${quoted(symbol)} is none`)
  const exDate = dayOf(value('date'))
  if (exDate === undefined)
    return bad(
      'bad-date',
      `the ex-date ${quoted(value('date'))} is no day such as 2025-11-10, from 1900 to 2199`,
    )
  const named = value('kind')
  const kind = KINDS[plainName(named)]
  if (named !== '' && kind === undefined)
    return {
      type: 'left-out',
      reason: named,
      detail: `${quoted(named)} is neither a split nor a cash dividend`,
    }
  const known = { symbol, exDate, id: value('id') || undefined }
  const ratio = kind === 'dividend' ? undefined : ratioOf(value)
  if (ratio !== undefined && 'reason' in ratio) return ratio
  const amount = kind === 'split' ? undefined : amountOf(value, kind)
  if (typeof amount === 'object') return amount
  // Tables with a column of each have 0 where there is none.
  const isSplit = ratio !== undefined && (kind === 'split' || !isZero(ratio) || amount === undefined)
  const isPaid = amount !== undefined && (kind === 'dividend' || amount !== '0' || !isSplit)
  if (isSplit && isZero(ratio))
    return bad('bad-ratio', 'the ratio of the split is 0; 1:1 says that there is no split')
  const found: FileAction[] = []
  if (isSplit)
    found.push({ ...known, kind: 'split', newShares: ratio.numerator, oldShares: ratio.denominator })
  if (isPaid) found.push({ ...known, kind: 'dividend', amount })
  if (found.length > 0) return found
  return bad('no-value', 'it has neither the ratio of a split nor the amount of a dividend')
}

type Ratio = { readonly numerator: bigint; readonly denominator: bigint }

function isZero({ numerator }: Ratio): boolean {
  return numerator === 0n
}

/** New shares for old ones, in lowest terms. */
function ratioOf(value: Values): Ratio | ActionFault | undefined {
  const [to, from] = [value('new'), value('old')]
  if (to !== '' || from !== '') return ratioFrom(to, from, `${quoted(to)} for ${quoted(from)}`)
  const text = value('ratio')
  if (text === '') return undefined
  const parts = text.split(/\s*(?::|\/|-?for-?)\s*/)
  return parts.length > 2
    ? bad('bad-ratio', `the ratio ${quoted(text)} is none such as 4:1`)
    : ratioFrom(parts[0] ?? '', parts[1] ?? '1', quoted(text))
}

function ratioFrom(to: string, from: string, said: string): Ratio | ActionFault {
  const [one, other] = [wholeUnits(to), wholeUnits(from)]
  if (one === undefined || other === undefined || other === 0n)
    return bad('bad-ratio', `the ratio ${said} is none of new shares for old ones, such as 4:1`)
  return reduced(one, other)
}

const DECIMALS = 12

/** A decimal in units of 10⁻¹²; undefined where it is none, or negative. */
function wholeUnits(text: string): bigint | undefined {
  const read = parseDecimal(text, { decimals: DECIMALS, integerDigits: 12 })
  if (typeof read === 'string' || read.units < 0) return undefined
  return BigInt(unitsAt(read, DECIMALS))
}

function amountOf(value: Values, kind: 'dividend' | undefined): string | ActionFault | undefined {
  const text = value('amount')
  if (text === '') return kind === undefined ? undefined : bad('bad-amount', 'the dividend has no amount')
  const read = parseDecimal(text)
  if (typeof read === 'string' || read.units < 0)
    return bad('bad-amount', `the amount ${quoted(text)} is no decimal of 0 or more, with up to 18 decimals`)
  return formatDecimal(read.units, read.scale)
}

/** The day of a date or a time, as its file writes it; of Unix seconds, in UTC. */
function dayOf(text: string): string | undefined {
  const [, year, month, day] = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?$/.exec(asIso(text)) ?? []
  const found = `${year}-${month}-${day}`
  const time = Date.parse(found)
  const isDay = !Number.isNaN(time) && new Date(time).toISOString().startsWith(found)
  return isDay && found >= '1900-01-01' && found < '2200-01-01' ? found : undefined
}

function asIso(text: string): string {
  if (!text.endsWith(SECONDS)) return text
  const milliseconds = Number(text.slice(0, -SECONDS.length)) * 1000
  return Math.abs(milliseconds) < 8.64e15 ? new Date(milliseconds).toISOString() : text
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

function bad(reason: string, detail: string): ActionFault {
  return { type: 'bad', reason, detail }
}
