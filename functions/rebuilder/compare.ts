import type { Bar } from '../domain/bar.ts'
import { MINUTE_SECONDS } from '../domain/bar-builder.ts'
import type { RebuiltMinute } from './rebuilt-symbol.ts'
import type { StoredBar } from './stored-bars.ts'

/** What becomes of a minute. */
export type Verdict =
  | { readonly type: 'unchanged' | Left }
  /** The bar to be put, or the bar in its last revision, which is withdrawn. */
  | { readonly type: 'put' | 'withdrawn'; readonly bar: Bar }

/** Why a bar stays as it is although the archive has another. */
export type Left =
  /** A late trade may still change it by itself. */
  | 'not-final'
  /** It has more trades than the archive. */
  | 'fewer'
  /** The archive has no trade of its minute. */
  | 'unarchived'

export type Rules = {
  /** Unix milliseconds. */
  readonly now: number
  readonly latenessSeconds: number
  /** The symbol's event time: Unix seconds of the newest trade that is known of it. */
  readonly newest: number
  /** Whether a bar of fewer trades than the stored one replaces it. */
  readonly replaces: 'more' | 'all'
}

/** So long after the last arrival of a minute nothing more is expected of it, though its symbol has nothing newer. */
const QUIET_MS = 3_600_000

/** Compares a minute as the archive has it with the bar that is stored; at least one of the two is there. */
export function compareMinute(
  start: number,
  rebuilt: RebuiltMinute | undefined,
  { stored, rules }: { readonly stored: StoredBar | undefined; readonly rules: Rules },
): Verdict {
  if (rebuilt === undefined || rebuilt.archived === 0)
    return { type: stored === undefined || stored.source !== null ? 'unchanged' : 'unarchived' }
  const { bar, archived, arrivedAt, isAnchored } = rebuilt
  // An imported bar counts as none.
  const isKnown = stored !== undefined && !stored.withdrawn && stored.source === null
  if (bar === undefined && !isKnown) return { type: 'unchanged' }
  const told = bar === undefined || !isKnown || isAnchored ? bar : { ...bar, complete: stored.complete }
  if (told !== undefined && isKnown && isSame(told, stored)) return { type: 'unchanged' }
  const isOutOfReach = rules.newest >= start + MINUTE_SECONDS + rules.latenessSeconds
  if (!isOutOfReach && rules.now - arrivedAt < QUIET_MS) return { type: 'not-final' }
  if (isMadeOfMore(stored, archived) && rules.replaces === 'more') return { type: 'fewer' }
  const next = { revision: (stored?.revision ?? 0) + 1, closedAt: rules.now }
  if (told !== undefined) return { type: 'put', bar: { ...told, ...next } }
  return stored === undefined
    ? { type: 'unchanged' }
    : { type: 'withdrawn', bar: { ...stored, ...NO_TRADES, ...next } }
}

/** Whether a stored bar was made of more trades than so many; an imported one was made of none. */
function isMadeOfMore(stored: StoredBar | undefined, archived: number): boolean {
  return stored !== undefined && stored.source === null && archived < stored.tradeCount
}

/** What a bar without trades has beside the prices of its last revision. */
const NO_TRADES = {
  volume: '0',
  notional: '0',
  vwap: null,
  tradeCount: 0,
  complete: null,
  withdrawn: true,
} as const

const VALUES = ['open', 'high', 'low', 'close', 'volume', 'vwap', 'tradeCount', 'complete'] as const

function isSame(bar: Bar, stored: StoredBar): boolean {
  const hasNotional = stored.notional === null || stored.notional === bar.notional
  return hasNotional && VALUES.every((name) => bar[name] === stored[name])
}
