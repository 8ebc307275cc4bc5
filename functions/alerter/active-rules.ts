import { type Condition, parseCondition } from '../domain/alerts/condition.ts'
import type { Rule } from './rule.ts'
import type { RuleStore } from './rule-store.ts'

/** A rule with its condition. */
export type ActiveRule = { readonly rule: Rule; readonly condition: Condition }

/** How long rules are kept in memory: a new one takes effect everywhere within this time. */
const KEPT_MS = 5000

/** The rules of a deployment, read again after some seconds. @param now Unix milliseconds */
export function createActiveRules(
  store: Pick<RuleStore, 'list'>,
  now: () => number,
): () => Promise<readonly ActiveRule[]> {
  let kept: { readonly at: number; readonly rules: readonly ActiveRule[] } | undefined
  return async () => {
    const at = now()
    if (kept !== undefined && at - kept.at < KEPT_MS) return kept.rules
    const rules = (await store.list()).map((rule) => ({
      rule,
      condition: parseCondition(rule.condition),
    }))
    kept = { at, rules }
    return rules
  }
}

/** Whether a rule is about a symbol. */
export function isAbout({ rule: { symbols } }: ActiveRule, symbol: string): boolean {
  return symbols === '*' || symbols.includes(symbol)
}
