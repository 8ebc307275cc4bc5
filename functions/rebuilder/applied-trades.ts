import { conditionUpdates } from '../aggregator/read-trade.ts'
import { isTape } from '../domain/conditions.ts'
import type { Decimal } from '../domain/decimal.ts'
import type { TakerSide } from '../domain/side.ts'
import { isEarlier, NO_ID, type Trade, UPDATES } from '../domain/trade.ts'
import type { DistinctTrades } from './distinct-trades.ts'
import { lineOf, type Row } from './row.ts'

/** A trade as it is now, whether it counts on a contiguous line, and who took the liquidity. */
type AppliedTrade = Trade & { readonly isCounted: boolean; readonly side: TakerSide | undefined }

/** The trades of a symbol and hour as they are now. */
export type AppliedTrades = {
  /** In the order of their time. */
  readonly trades: readonly AppliedTrade[]
  /** Trades that were cancelled. */
  readonly cancelled: readonly Pick<Trade, 'seconds' | 'nanos'>[]
}

/**
 * The trades without those that were cancelled, and those that were corrected as they were corrected last; a corrected
 * trade that never came itself is one.
 */
export function appliedTrades({ trades, changes }: DistinctTrades): AppliedTrades {
  if (changes.length === 0) return { trades: trades.map((row) => tradeOf(row)), cancelled: [] }
  const changed = new Map<string, Row | 'cancelled'>()
  for (const change of changes) {
    const key = keyOf(change)
    if (changed.get(key) === 'cancelled') continue
    changed.set(key, change.of.type[change.at] === 'cancel' ? 'cancelled' : change)
  }
  const applied: AppliedTrade[] = []
  const cancelled: AppliedTrade[] = []
  for (const row of trades) {
    const change = changed.get(keyOf(row))
    changed.delete(keyOf(row))
    if (change === 'cancelled') cancelled.push(tradeOf(row))
    else applied.push(change === undefined ? tradeOf(row) : correctedTrade(row, change))
  }
  const early = [...changed.values()].flatMap((change) => (change === 'cancelled' ? [] : [tradeOf(change)]))
  if (early.length === 0) return { trades: applied, cancelled }
  const all = [...applied, ...early]
  return {
    trades: all.toSorted((one, other) => (isEarlier(one, other) ? -1 : isEarlier(other, one) ? 1 : 0)),
    cancelled,
  }
}

function keyOf(row: Row): string {
  return `${row.of.id[row.at] ?? NO_ID} ${lineOf(row)}`
}

function correctedTrade(row: Row, change: Row): AppliedTrade {
  const trade = tradeOf(row)
  const now = tradeOf(change)
  const saysConditions = change.of.conditions[change.at] !== undefined
  return {
    ...trade,
    price: now.price,
    volume: now.volume,
    updates: (saysConditions ? now.updates : trade.updates) ?? UPDATES.all,
    side: now.side ?? trade.side,
  }
}

function tradeOf({ of, at }: Row): AppliedTrade {
  const id = of.id[at] ?? NO_ID
  return {
    seconds: of.seconds[at] ?? 0,
    nanos: of.nanos[at] ?? 0,
    price: amountOf(of.price[at]),
    volume: amountOf(of.volume[at]),
    id,
    updates: updatesOf(of.conditions[at], of.tape[at]),
    isCounted: id !== NO_ID && of.contiguous[at] === true,
    side: of.side[at],
  }
}

/** Every trade and correction has both; only a cancel may lack them. */
function amountOf(amount: Decimal | undefined): Decimal {
  if (amount === undefined) throw new RangeError('a trade of the archive has no price or no volume')
  return amount
}

/** What the same few conditions come to, which nearly all trades have. */
const KNOWN = new Map<string, number>()

/** Bits of `UPDATES` by the conditions of a trade as the archive spells them, and its tape. */
export function updatesOf(conditions: string | undefined, tape: string | undefined): number {
  if (conditions === undefined) return UPDATES.all
  const key = `${tape} ${conditions}`
  const known = KNOWN.get(key)
  if (known !== undefined) return known
  const updates = conditionUpdates(conditions, isTape(tape) ? tape : undefined)
  if (KNOWN.size < MAX_KNOWN) KNOWN.set(key, updates)
  return updates
}

const MAX_KNOWN = 10_000
