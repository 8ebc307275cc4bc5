import { plainFold, type PlainBar } from '../../bin/stage/verify/plain-fold.ts'
import { minuteOf } from '../../functions/domain/bar-builder.ts'
import type { StoredBar } from '../../functions/rebuilder/stored-bars.ts'
import { barsIn } from '../support/bars-in.ts'
import { checkComplete } from './check-complete.ts'
import { checkSignals } from './check-signals.ts'
import { judge, type SymbolOracle } from './oracle.ts'
import type { Services } from './services.ts'

const FIELDS = ['volume', 'notional', 'tradeCount'] as const
const PRICES = ['open', 'high', 'low', 'close', 'vwap'] as const

/** Whether what is stored is what the trades on the stream give; before a rebuild of everything, and after. */
export function checkRows(services: Services, when: 'before a rebuild' | 'after a rebuild'): void {
  const oracles = judge(services.ticks.records)
  for (const { symbol, kind } of services.plan.symbols) {
    const oracle = oracles.get(symbol)
    if (oracle === undefined) continue
    const of = { services, symbol, when, oracle, isNumbered: kind === 'numbered' }
    checkBars(of)
    if (when === 'before a rebuild') checkDeadLetters(of)
    checkSignals(services, symbol, when)
  }
  checkRevisions(services)
}

type Of = {
  readonly services: Services
  readonly symbol: string
  readonly when: 'before a rebuild' | 'after a rebuild'
  readonly oracle: SymbolOracle
  readonly isNumbered: boolean
}

function checkBars(of: Of): void {
  const { services, symbol, when, oracle } = of
  const { trace, minutes, database } = services
  trace.reach('duplicate of another feed', oracle.repeated.trades)
  const isAll = when === 'after a rebuild'
  const [trades, cancelled] = isAll
    ? [oracle.all, oracle.cancelledOfAll]
    : [oracle.accepted, oracle.cancelled]
  const kept = trades.filter(({ id = -1 }) => !cancelled.has(id))
  const expected = plainFold(kept)
  const changed = new Set(
    trades.filter(({ id = -1 }) => cancelled.has(id)).map(({ seconds }) => minuteOf(seconds)),
  )
  if (cancelled.size > 0) trace.reach('cancel')
  const rows = database.bars.get(symbol) ?? new Map<number, StoredBar>()
  for (const start of new Set([...expected.keys(), ...rows.keys()])) {
    // What a rebuild has made of trades that had come by then is compared after the last one.
    if (!isAll && minutes.rebuilt.has(`${symbol} ${start}`)) continue
    const row = rows.get(start)
    const name = `${when}, ${symbol} ${new Date(start * 1000).toISOString()}`
    compareBar(of, name, { row, expected: expected.get(start), mayBeDamaged: !isAll && changed.has(start) })
  }
  if (of.isNumbered) checkComplete(services, of, { trades, cancelled, rows })
}

function compareBar(
  { services: { trace } }: Of,
  name: string,
  {
    row,
    expected,
    mayBeDamaged,
  }: { row: StoredBar | undefined; expected: PlainBar | undefined; mayBeDamaged: boolean },
): void {
  if (row?.withdrawn === true) trace.reach('bar withdrawn')
  if (expected === undefined) {
    if (row !== undefined && !row.withdrawn)
      trace.violate(`${name}: there is a bar, of no trade: ${JSON.stringify(row)}`)
    return
  }
  if (row === undefined || row.withdrawn)
    return trace.violate(`${name}: no bar, of ${JSON.stringify(expected)}`)
  // Prices that a cancelled trade may have made stay, and the bar says so.
  const fields = mayBeDamaged && row.complete === false ? FIELDS : [...FIELDS, ...PRICES]
  for (const field of fields)
    if (row[field] !== expected[field])
      trace.violate(
        `${name}: ${field} is ${row[field]} and ought to be ${expected[field]}, revision ${row.revision}`,
      )
}

/** No trade is dropped without a trace. */
function checkDeadLetters({ services, symbol, oracle }: Of): void {
  for (const sequenceNumber of oracle.tooLate)
    if (!services.deadLettered.has(sequenceNumber))
      services.trace.violate(
        `${symbol}: record ${sequenceNumber} has a trade that is too late, and was not dead-lettered`,
      )
}

/** Every revision that was on the stream is a row, or was one; and a bar is stored in its highest. */
function checkRevisions({ bars, database, trace }: Services): void {
  const stored = new Set(
    [...database.revisions, ...[...database.bars.values()].flatMap((rows) => [...rows.values()])].map(
      ({ symbol, start, revision }) => `${symbol} ${start} ${revision}`,
    ),
  )
  const complete = new Map<string, boolean | null>()
  for (const { symbol, timestamp, revision, complete: isComplete } of bars.records.flatMap(barsIn)) {
    const key = `${symbol} ${Date.parse(timestamp) / 1000}`
    if (!stored.has(`${key} ${revision}`))
      trace.violate(`revision ${revision} of ${key} was emitted and is not stored`)
    if (revision > 1 && !stored.has(`${key} ${revision - 1}`))
      trace.violate(`${key} has no revision ${revision - 1}`)
    if (isComplete === true && complete.get(key) === false) trace.reach('bar complete after it was not')
    complete.set(key, isComplete)
  }
}
