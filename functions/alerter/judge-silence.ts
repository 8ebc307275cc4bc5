import { type Hours, hoursOf, isOpen, type TradingHours } from '../shared/runtime/trading-hours.ts'
import { minuteText } from '../shared/runtime/minute-text.ts'
import type { ActiveRule } from './active-rules.ts'
import { firingOf } from './firing.ts'
import type { JudgeDeps } from './judge-batch.ts'

const MINUTE = 60
/** A bar comes this late at the most where nothing is wrong: the sweeper closes it within a minute or two. */
const CLOSING_SECONDS = 90

/**
 * Fires the rules for silence of symbols without a bar for so many minutes in which trades are expected, once until there is a
 * bar again. Answers how often rules fired anew.
 */
export async function judgeSilence(
  { active, symbols, ledger, now }: JudgeDeps,
  hours: TradingHours,
): Promise<number> {
  const silent = (await active()).filter(({ condition }) => condition.type === 'silent')
  if (silent.length === 0) return 0
  const last = await symbols.lastMinutes()
  let fired = 0
  for (const rule of silent)
    for (const symbol of rule.rule.symbols === '*' ? [] : rule.rule.symbols) {
      const minute = Math.max(last.get(symbol) ?? 0, Math.floor(rule.rule.createdAt / 1000 / MINUTE) * MINUTE)
      if (!isSilent(rule, minute, { hours: hoursOf(hours, symbol), now: now() })) continue
      const values = { last_bar: last.has(symbol) ? minuteText(last.get(symbol) ?? 0) : null }
      const firing = firingOf(rule.rule, { symbol, minute, revision: 0, values }, now())
      if ((await ledger.record(firing)) === 'recorded') fired++
    }
  return fired
}

/** Whether no bar came for so long after a minute, and trades were expected for all of that time. */
function isSilent(
  { condition }: ActiveRule,
  minute: number,
  { hours, now }: { readonly hours: Hours; readonly now: number },
): boolean {
  if (condition.type !== 'silent') return false
  const waited = (condition.minutes * MINUTE + CLOSING_SECONDS) * 1000
  if (now - (minute + MINUTE) * 1000 < waited) return false
  // A symbol without hours is watched at all times: somebody has asked for it.
  return hours.type === 'off' || (isOpen(hours, now) && isOpen(hours, now - waited))
}
