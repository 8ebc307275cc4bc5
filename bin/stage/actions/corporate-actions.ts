import type { FileAction } from './parse-action.ts'
import { type CorporateAction, MAX_ACTIONS } from '../../../functions/bar-writer/corporate-actions.ts'
import { reduced } from '../../../functions/domain/adjustment.ts'
import { formatDecimal, MAX_DECIMALS, parseDecimal, unitsAt } from '../../../functions/domain/decimal.ts'

/** Digits of the shares of splits of one day, multiplied. */
const MAX_SHARES = 10n ** 40n

/** Why an action cannot be added to those of its day. */
export type Refusal = { readonly reason: string; readonly detail: string }

type Day = {
  readonly symbol: string
  readonly exDate: string
  readonly kind: FileAction['kind']
  readonly ids: Set<string>
  /** What actions with an id have said. */
  readonly saidWithId: Set<string>
  /** What actions without one have said, of which none with an id has come yet. */
  readonly saidWithout: Set<string>
  newShares: bigint
  oldShares: bigint
  /** In units of 10^-18. */
  amount: bigint
}

/**
 * The actions of files, one of a symbol, day and kind: splits of a day are multiplied, its dividends are added up. A row that
 * repeats another counts once: by its id, or where one of the two has none by all it says.
 */
export class CorporateActions {
  duplicates = 0
  readonly #days = new Map<string, Day>()

  add(action: FileAction): Refusal | undefined {
    const { symbol, exDate, kind } = action
    const key = `${symbol}\n${exDate}\n${kind}`
    const day: Day = this.#days.get(key) ?? {
      symbol,
      exDate,
      kind,
      ids: new Set(),
      saidWithId: new Set(),
      saidWithout: new Set(),
      newShares: 1n,
      oldShares: 1n,
      amount: 0n,
    }
    const said = action.kind === 'split' ? `${action.newShares}:${action.oldShares}` : action.amount
    if (repeats(day, action.id, said)) {
      this.duplicates++
      return undefined
    }
    if (action.kind === 'split') {
      const { numerator, denominator } = reduced(
        day.newShares * action.newShares,
        day.oldShares * action.oldShares,
      )
      if (numerator >= MAX_SHARES || denominator >= MAX_SHARES)
        return {
          reason: 'bad-ratio',
          detail: `the splits of ${symbol} on ${exDate} multiply to too many digits`,
        }
      day.newShares = numerator
      day.oldShares = denominator
    } else day.amount += unitsOf(action.amount)
    if (action.id === undefined) day.saidWithout.add(said)
    else {
      day.ids.add(action.id)
      day.saidWithId.add(said)
    }
    this.#days.set(key, day)
    return undefined
  }

  /** All actions in calls of as many as one may have; those of a symbol are in one. */
  *calls(): Generator<{ readonly actions: readonly CorporateAction[]; readonly symbols: readonly string[] }> {
    let actions: CorporateAction[] = []
    let symbols: string[] = []
    for (const [symbol, own] of Map.groupBy(this.#days.values(), (day) => day.symbol)) {
      if (own.length + actions.length > MAX_ACTIONS && actions.length > 0) {
        yield { actions, symbols }
        actions = []
        symbols = []
      }
      actions.push(...own.map(toAction))
      symbols.push(symbol)
    }
    if (actions.length > 0) yield { actions, symbols }
  }
}

/** Whether an action is one that was taken. */
function repeats({ ids, saidWithId, saidWithout }: Day, id: string | undefined, said: string): boolean {
  if (id === undefined) return saidWithout.has(said) || saidWithId.has(said)
  if (ids.has(id)) return true
  // It is the one that came without its id; another id that says the same is another action.
  if (!saidWithout.delete(said)) return false
  ids.add(id)
  saidWithId.add(said)
  return true
}

function toAction({ symbol, exDate, kind, newShares, oldShares, amount }: Day): CorporateAction {
  return kind === 'split'
    ? { kind, symbol, ex_date: exDate, new_shares: String(newShares), old_shares: String(oldShares) }
    : { kind, symbol, ex_date: exDate, amount: formatDecimal(amount, MAX_DECIMALS) }
}

function unitsOf(amount: string): bigint {
  const read = parseDecimal(amount)
  if (typeof read === 'string') throw new RangeError(`the amount ${amount} is no decimal`)
  return BigInt(unitsAt(read, MAX_DECIMALS))
}
