import { CTA } from './conditions/cta.ts'
import { MASSIVE } from './conditions/massive.ts'
import { ALL, type SaleCondition, type Updates } from './conditions/updates.ts'
import { UTP } from './conditions/utp.ts'

export type { Updates } from './conditions/updates.ts'

/** The consolidated tape of a US stock: A (listed on NYSE), B (listed elsewhere), C (listed on Nasdaq). */
export type Tape = 'A' | 'B' | 'C'

type Condition = string | number

function lookup(codes: readonly SaleCondition<string>[]): ReadonlyMap<Condition, Updates> {
  return new Map([...codes, ...MASSIVE].map(([code, , updates]) => [code, updates]))
}

const cta = lookup(CTA)
const LOOKUPS: Readonly<Record<Tape, ReadonlyMap<Condition, Updates>>> = { A: cta, B: cta, C: lookup(UTP) }

export function isTape(value: unknown): value is Tape {
  return value === 'A' || value === 'B' || value === 'C'
}

/** The tables share their rules, so that nearly every set of conditions ends in one of them and allocates nothing. */
function mostRestrictive(one: Updates, other: Updates): Updates {
  if (one === other || other === ALL) return one
  if (one === ALL) return other
  return {
    highLow: one.highLow && other.highLow,
    openClose: one.openClose && other.openClose,
    volume: one.volume && other.volume,
  }
}

/**
 * What a trade may change of its bar, by the consolidated rules of the tape's plan. Of several conditions the most
 * restrictive wins; without conditions it is everything. The tables and what is decided in them:
 * docs/sale-conditions.md.
 *
 * @param conditions one-character codes of the tape as strings (Alpaca), ids as numbers (Massive): `'4'` is
 *   "derivatively priced", `4` is "bunched trade"
 * @returns `unknown` with the first condition that is in neither table
 */
export function updatesOf(
  tape: Tape,
  conditions: readonly Condition[],
): Updates | { readonly unknown: Condition } {
  const known = LOOKUPS[tape]
  let updates = ALL
  for (const condition of conditions) {
    const allowed = known.get(condition)
    if (allowed === undefined) return { unknown: condition }
    updates = mostRestrictive(updates, allowed)
  }
  return updates
}
