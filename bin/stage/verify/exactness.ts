import { setTimeout as sleep } from 'node:timers/promises'

import type { Client } from 'pg'

import { nameOf } from '../../../functions/shared/runtime/deployment-name.ts'
import type { AllowsNonPositive } from '../../../functions/aggregator/decode.ts'
import { symbolMatcher } from '../../../functions/shared/runtime/symbol-matcher.ts'
import { MINUTE_SECONDS, minuteOf } from '../../../functions/domain/bar-builder.ts'
import { deployedEnvironment } from '../deployed-function.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { differences, type StoredBar } from './bar-differences.ts'
import { type Finding, finding } from './finding.ts'
import type { PlainBar } from './plain-fold.ts'
import { readStates } from './read-states.ts'
import { reasonOf } from './reason.ts'
import { type Recomputed, recompute } from './recompute.ts'
import { readRejectedTicks } from './rejected-ticks.ts'
import { type BarsByKey, readStoredBars } from './stored-bars.ts'
import { readTicks } from './stream-ticks.ts'

const WINDOW_SECONDS = 900
/** A tick may be that far ahead of its arrival, so a minute's ticks may lie that far before it on the stream. */
const AHEAD_SECONDS = 60
/** A bar that was emitted is in its row by then. */
const WRITTEN_SECONDS = 3
const SHOWN = 3

const CHECK = { check: 'bars recomputed from the stream', expected: 'equal to the rows' } as const

/**
 * Folds the ticks that are still on the stream and compares the bars with the rows: of every symbol, each minute that
 * no tick can change any more.
 */
export async function checkExactness(
  client: Client,
  { deployed, sample }: { readonly deployed: DeployedStage; readonly sample: number },
): Promise<Finding[]> {
  const environment = await deployedEnvironment('aggregator', deployed)
  const latenessSeconds = Number(environment['LATENESS_SECONDS'])
  const now = Math.floor(Date.now() / 1000)
  const from = minuteOf(now - WINDOW_SECONDS)
  const until = minuteOf(now - latenessSeconds - MINUTE_SECONDS)
  const { bars, waiting, isFinal, unread } = await recomputeStream(deployed, {
    since: from - AHEAD_SECONDS - latenessSeconds,
    latenessSeconds,
    bucket: environment['DEAD_LETTER_BUCKET'] ?? '',
    allowsNonPositive: symbolMatcher(environment['NON_POSITIVE_PRICES'] ?? ''),
  })
  const stored = await readStoredBars(client, from, until)
  const keys = new Set<string>()
  for (const [key, { symbol, start }] of [...bars, ...stored])
    if (start >= from && start < until && isFinal(symbol, start)) keys.add(key)
  const chosen = spread([...keys].toSorted(), sample)
  const waits =
    waiting === 0 ? '' : `; ${waiting} ticks wait on the stream and are left out: is the flag aggregation on?`
  if (chosen.length === 0) {
    const found = `no minute between ${WINDOW_SECONDS / 60} min and ${Math.ceil(latenessSeconds / 60) + 1} min ago has ticks and is final${waits}`
    return [{ ...CHECK, found, verdict: 'none-yet' }]
  }
  let wrong = wrongBars(chosen, bars, stored)
  for (let waited = 0; wrong.length > 0 && waited < WRITTEN_SECONDS; waited++) {
    await sleep(1000)
    wrong = wrongBars(chosen, bars, await readStoredBars(client, from, until))
  }
  const checked = `${chosen.length} of ${keys.size} bars`
  const differ = `${wrong.length} differ: ${wrong.slice(0, SHOWN).join('; ')}${unread}`
  return [
    finding(CHECK.check, CHECK.expected, {
      found: `${checked}, ${wrong.length === 0 ? 'all equal' : differ}${waits}`,
      holds: wrong.length === 0,
    }),
  ]
}

/** The bars that the stream makes, and what to report when the dead-letter bucket cannot be read. */
async function recomputeStream(
  deployed: DeployedStage,
  {
    since,
    latenessSeconds,
    bucket,
    allowsNonPositive,
  }: {
    readonly since: number
    readonly latenessSeconds: number
    readonly bucket: string
    readonly allowsNonPositive: AllowsNonPositive
  },
): Promise<Recomputed & { readonly unread: string }> {
  const stream = `${nameOf(deployed)}-ticks`
  const runs = await readTicks(deployed, stream, { from: since * 1000, allowsNonPositive })
  // After the ticks, so that the state has applied them if it ever does; rejections are written before it is committed.
  const states = await readStates(deployed)
  const sequences = new Set([...runs.values()].flat().map(({ sequenceNumber }) => sequenceNumber))
  const answer = await readRejectedTicks(deployed, bucket, { stream, sequences }).catch(reasonOf)
  const isRead = typeof answer !== 'string'
  return {
    ...recompute(runs, { states, latenessSeconds, rejected: isRead ? answer : new Map() }),
    unread: isRead
      ? ''
      : `; ticks refused by design were counted, since the dead-letter bucket cannot be read: ${answer}`,
  }
}

function wrongBars(
  keys: readonly string[],
  bars: BarsByKey<PlainBar>,
  stored: BarsByKey<StoredBar>,
): string[] {
  return keys.flatMap((key) => {
    const difference = differences(bars.get(key), stored.get(key))
    return difference === undefined ? [] : [`${key}: ${difference}`]
  })
}

/** `count` of the keys, evenly spaced. */
function spread(keys: readonly string[], count: number): string[] {
  const step = Math.max(1, keys.length / count)
  return Array.from(
    { length: Math.min(count, keys.length) },
    (_, index) => keys[Math.floor(index * step)] ?? '',
  )
}
