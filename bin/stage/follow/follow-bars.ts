import { createArchivedHours, createLeanHours } from '../../../functions/rebuilder/archived-hours.ts'
import { nameOf } from '../../../functions/shared/runtime/deployment-name.ts'
import { symbolMatcher } from '../../../functions/shared/runtime/symbol-matcher.ts'
import { UsageError } from '../../terminal/errors.ts'
import { onInterrupt } from '../../terminal/interrupt.ts'
import type { Screen } from '../../terminal/screen.ts'
import type { SymbolBars } from '../archived-bars.ts'
import { archiveOf } from '../archived-symbols.ts'
import type { BarsOptions } from '../bars.ts'
import { deployedEnvironment } from '../deployed-function.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { sidelessText } from '../other-bar-rows.ts'
import { streamClient } from '../read-stream.ts'
import { firstNewHour, readArchivedBefore } from './archived-before.ts'
import { type Before, followedBars } from './followed-bars.ts'
import { type ShardStart, tailStream } from './tail-stream.ts'

/** A trade may be ahead of its arrival by so much. */
const AHEAD_SECONDS = 60

export type FollowOptions = Pick<BarsOptions, 'symbols' | 'kind' | 'side'> & {
  /** Unix seconds; from now on without it. `to` is not in the span. */
  readonly from: number | undefined
  readonly to: number | undefined
  readonly delaySeconds: number
}

/** Bars of a running deployment as they close, until `to` or Ctrl-C; then those that are open. */
export async function* followBars(
  deployed: DeployedStage,
  { symbols, kind, side, from, to = Infinity, delaySeconds }: FollowOptions,
  screen: Screen,
): AsyncGenerator<SymbolBars, void, undefined> {
  const now = Math.floor(Date.now() / 1000)
  const { NON_POSITIVE_PRICES = '' } = await deployedEnvironment('aggregator', deployed)
  const past = from === undefined ? undefined : await readPast(deployed, { from, now, symbols })
  const signal = onInterrupt(() => screen.print('ending: the bars that are open come now'))
  const tail = tailStream(streamClient(deployed.environment), {
    stream: `${nameOf(deployed)}-ticks`,
    startOf: past?.startOf ?? (() => startAt(now - AHEAD_SECONDS)),
    signal,
  })
  screen.end()
  screen.print(`following ${symbols.join(', ')} until Ctrl-C`)
  yield* followedBars(past?.before, tail, {
    symbols,
    kind: kind.kind,
    side,
    from: from ?? now,
    to,
    delayMs: delaySeconds * 1000,
    allowsNonPositive: symbolMatcher(NON_POSITIVE_PRICES),
    onHour: (hour) =>
      screen.status(`reading the archive: ${new Date(hour * 1000).toISOString().slice(0, 13)}:00`),
    onSideless: (symbol) => screen.print(sidelessText([symbol], kind.name)),
    onTooLate: (symbol, { trades, changes }) =>
      screen.print(
        `${symbol}: ${trades} trades and ${changes} cancels or corrections so far came more than ${delaySeconds} s late, and are not in these bars; the archive has them`,
      ),
  })
}

/** What the archive has, and where the stream goes on from there. */
async function readPast(
  deployed: DeployedStage,
  {
    from,
    now,
    symbols,
  }: { readonly from: number; readonly now: number; readonly symbols: readonly string[] },
): Promise<{ readonly before: Before; readonly startOf: (shard: string) => ShardStart }> {
  // A stage without an archive has no such function.
  const { ARCHIVE_BUCKET } = await deployedEnvironment('rebuilder', deployed)
  if (ARCHIVE_BUCKET === undefined)
    throw new UsageError(`${deployed.stage} keeps no archive: leave out --from, to follow from now on`)
  const bucket = archiveOf(deployed, ARCHIVE_BUCKET)
  const archive = { lean: createLeanHours(bucket), whole: createArchivedHours(bucket) }
  const wanted = { from, now, symbols: new Set(symbols) }
  const { rows, startOf } = await readArchivedBefore(bucket, archive.whole, wanted)
  return { before: { archive, until: firstNewHour(now), rows }, startOf }
}

function startAt(seconds: number): ShardStart {
  return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(seconds * 1000) }
}
