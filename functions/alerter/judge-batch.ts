import type { KinesisStreamRecord } from 'aws-lambda'

import { hasCrossed } from '../domain/alerts/evaluate.ts'
import { noteSide, type Sides } from '../domain/alerts/sides.ts'
import { retryOnConflict } from '../shared/dynamodb/retry-on-conflict.ts'
import { concurrently } from '../shared/runtime/concurrently.ts'
import { type Consumed, consume, type Processed } from '../shared/streams/consume.ts'
import { readLines } from '../shared/streams/lines.ts'
import { parseWritableRecord } from '../shared/streams/records.ts'
import { type ActiveRule, isAbout } from './active-rules.ts'
import { type Cause, firingOf } from './firing.ts'
import { causeIn, causeOf, type Judged, sideIn, valuesIn } from './judge.ts'
import type { Ledger } from './ledger.ts'
import type { SymbolStore } from './symbol-store.ts'

export type JudgeDeps = {
  /** The rules of now. */
  readonly active: () => Promise<readonly ActiveRule[]>
  readonly symbols: SymbolStore
  readonly ledger: Pick<Ledger, 'record'>
  /** Unix milliseconds. */
  readonly now: () => number
}

type JudgedBatch = Consumed<Processed> & { readonly fired: number }

const SYMBOLS_AT_ONCE = 10

/**
 * Judges a batch of `bars` or `signals` by the rules, and records what fired. Without rules nothing is parsed.
 *
 *     judge ── record what fired ── commit the sides ── (the batch is done) ── deliver
 *               │                    └ a crash: it is judged again by the sides before, and is known
 *               └ a crash: the batch is redelivered, and what was recorded is known
 *
 * @throws when the rules cannot be read; the batch may be passed again
 */
export async function judgeBatch(
  deps: JudgeDeps,
  records: readonly KinesisStreamRecord[],
): Promise<JudgedBatch> {
  const rules = await deps.active()
  let fired = 0
  const consumed = await consume(rules.length === 0 ? [] : records, {
    parse: (payload, _record, refuse) => readLines(payload, parseWritableRecord, refuse),
    process: async ({ readable }) => {
      const failed = new Map<string, unknown>()
      const bySymbol = Map.groupBy(
        readable.map(({ item }) => item),
        ({ symbol }) => symbol,
      )
      await concurrently(bySymbol, SYMBOLS_AT_ONCE, async ([symbol, items]) => {
        const about = rules.filter((rule) => isAbout(rule, symbol))
        if (about.length === 0) return
        try {
          fired += await judgeSymbol(deps, about, items)
        } catch (error) {
          failed.set(symbol, error)
        }
      })
      return { failed }
    },
  })
  return { ...consumed, fired }
}

/** Judges the records of a symbol in their order, and answers how often rules fired anew. */
async function judgeSymbol(
  deps: JudgeDeps,
  rules: readonly ActiveRule[],
  records: readonly Judged[],
): Promise<number> {
  const { ledger, now } = deps
  let fired = 0
  const record = async (rule: ActiveRule, cause: Cause): Promise<void> => {
    if (now() - cause.minute * 1000 > rule.rule.maxAgeMinutes * 60_000) return
    if ((await ledger.record(firingOf(rule.rule, cause, now()))) === 'recorded') fired++
  }
  for (const each of records)
    for (const rule of rules) {
      const cause = causeIn(rule, each)
      if (cause !== undefined) await record(rule, cause)
    }
  await judgeCrossings(deps, { rules, records, record })
  await noteLast(deps, rules, records)
  return fired
}

type SymbolBatch = {
  readonly rules: readonly ActiveRule[]
  readonly records: readonly Judged[]
  readonly record: (rule: ActiveRule, cause: Cause) => Promise<void>
}

async function judgeCrossings(
  { symbols }: Pick<JudgeDeps, 'symbols'>,
  { rules, records, record }: SymbolBatch,
): Promise<void> {
  const crossing = rules.filter(({ condition }) => condition.type === 'crossing')
  const [first] = records
  if (crossing.length === 0 || first === undefined) return
  const left = await retryOnConflict([first.symbol], async () => {
    const { version, byRule } = await symbols.readSides(first.symbol)
    const known = new Set(crossing.map(({ rule }) => rule.id))
    const next = new Map([...byRule].filter(([id]) => known.has(id)))
    let isChanged = next.size < byRule.size
    for (const each of records)
      for (const rule of crossing) {
        const noted = noteCrossing(next.get(rule.rule.id) ?? [], rule, each)
        if (noted === undefined) continue
        if (noted.cause !== undefined) await record(rule, noted.cause)
        next.set(rule.rule.id, noted.sides)
        isChanged = true
      }
    if (!isChanged) return []
    const result = await symbols.commitSides(first.symbol, { version, byRule: next })
    return result === 'committed' ? [] : [first.symbol]
  })
  for (const error of left.values()) throw error
}

type NotedCrossing = { readonly sides: Sides; readonly cause: Cause | undefined }

/** Undefined where the record is not about the rule, or was noted before. */
function noteCrossing(sides: Sides, { condition }: ActiveRule, record: Judged): NotedCrossing | undefined {
  if (condition.type !== 'crossing') return undefined
  const side = sideIn(condition, record)
  if (side === undefined) return undefined
  const { revision, minute } = causeOf(record, {})
  const noted = noteSide(sides, { minute, revision, side })
  if (noted.type === 'known') return undefined
  const hasFired = side !== null && hasCrossed(condition.to, noted.before, side)
  return {
    sides: noted.sides,
    cause: hasFired ? causeOf(record, valuesIn(condition, record)) : undefined,
  }
}

/** Notes the newest bar of a symbol that may become silent. */
async function noteLast(
  { symbols }: Pick<JudgeDeps, 'symbols'>,
  rules: readonly ActiveRule[],
  records: readonly Judged[],
): Promise<void> {
  if (!rules.some(({ condition }) => condition.type === 'silent')) return
  const minutes = records.flatMap((each) =>
    each.type === 'bar' && !each.withdrawn ? [Date.parse(each.timestamp) / 1000] : [],
  )
  const [first] = records
  if (first !== undefined && minutes.length > 0) await symbols.noteLast(first.symbol, Math.max(...minutes))
}
