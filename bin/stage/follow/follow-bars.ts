import { createHourReaders } from '../../../functions/rebuilder/symbol-hour.ts'
import { nameOf } from '../../../functions/shared/runtime/deployment-name.ts'
import { symbolMatcher } from '../../../functions/shared/runtime/symbol-matcher.ts'
import { UsageError } from '../../terminal/errors.ts'
import { onInterrupt } from '../../terminal/interrupt.ts'
import { count, type Screen } from '../../terminal/screen.ts'
import { hourText, type SymbolBars } from '../archived-bars.ts'
import { deployedArchive } from '../archived-symbols.ts'
import type { BarsOptions } from '../bars.ts'
import { deployedEnvironment } from '../deployed-function.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { sidelessText } from '../other-bar-rows.ts'
import { streamClient } from '../read-stream.ts'
import { firstNewHour, readArchivedBefore } from './archived-before.ts'
import { type Before, followedBars, type Told } from './followed-bars.ts'
import type { TooLate } from './held-trades.ts'
import type { ShardStart } from './open-shard.ts'
import { tailStream } from './tail-stream.ts'

export type FollowOptions = Pick<BarsOptions, 'symbols' | 'kind' | 'side'> & {
  /** Unix seconds; all that comes from now on without it. `to` is not in the span. */
  readonly from: number | undefined
  readonly to: number | undefined
  readonly delaySeconds: number
}

/** Bars of a running deployment as they close, until `to` or Ctrl-C; then those that are open. */
export async function* followBars(
  deployed: DeployedStage,
  { symbols, kind, side, from, to, delaySeconds }: FollowOptions,
  screen: Screen,
): AsyncGenerator<SymbolBars, void, undefined> {
  const startedAt = Date.now()
  const { NON_POSITIVE_PRICES = '' } = await deployedEnvironment('aggregator', deployed)
  const now = Math.floor(startedAt / 1000)
  const past = from === undefined ? undefined : await readPast(deployed, { from, now, symbols })
  const signal = onInterrupt(() => screen.print('ending: the bars that are open come now'))
  const late = lateTeller(screen, delaySeconds)
  const tail = tailStream(streamClient(deployed.environment), {
    stream: `${nameOf(deployed)}-ticks`,
    startOf: past?.startOf ?? (() => ({ ShardIteratorType: 'LATEST' })),
    signal,
    onTrouble: (text) => screen.print(text),
  })
  yield* followedBars(past?.before, tail, {
    symbols,
    kind: kind.kind,
    side,
    from: from ?? 0,
    to: to ?? Infinity,
    delayMs: delaySeconds * 1000,
    signal,
    startedAt,
    allowsNonPositive: symbolMatcher(NON_POSITIVE_PRICES),
    onHole: (arrivedAt) =>
      screen.print(
        `the archive is behind: it lacks trades that came at ${new Date(arrivedAt).toISOString()}, and may lack earlier ones, which are not in these bars`,
      ),
    on: {
      ...tellerOf(screen, { symbols, until: to === undefined ? 'Ctrl-C' : '--to, or Ctrl-C' }),
      sideless: (symbol) => screen.print(sidelessText([symbol], kind.name)),
      tooLate: late.take,
      left: (trades) =>
        screen.print(`${count(trades)} trades were waited for ${delaySeconds} s still, and are in no bar`),
    },
  })
  late.end()
}

function tellerOf(
  screen: Screen,
  { symbols, until }: { readonly symbols: readonly string[]; readonly until: string },
): Pick<Told, 'hour' | 'following'> {
  return {
    hour: (hour) => screen.status(hourText(hour)),
    following: (without) => {
      screen.end()
      screen.print(`following ${symbols.join(', ')} until ${until}`)
      if (without.length > 0) screen.print(`no trade of ${without.join(', ')} so far`)
    },
  }
}

const LATE_EVERY_MS = 10_000

/** Tells what came too late: at once, then every ten seconds at the most, and in the end. */
function lateTeller(screen: Screen, delaySeconds: number) {
  const untold = new Map<string, string>()
  let toldAt = -Infinity
  const tell = (): void => {
    screen.print([...untold.values()])
    untold.clear()
    toldAt = performance.now()
  }
  return {
    take: (symbol: string, { trades, changes }: TooLate): void => {
      untold.set(
        symbol,
        `${symbol}: so far ${count(trades)} trades, or copies of trades, and ${count(changes)} cancels or corrections came more than ${delaySeconds} s late, and are not in these bars`,
      )
      if (performance.now() - toldAt > LATE_EVERY_MS) tell()
    },
    end: tell,
  }
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
  const bucket = await deployedArchive(deployed).catch(noArchive)
  const archive = createHourReaders(bucket)
  const wanted = { from, now, symbols: new Set(symbols) }
  const { rows, startOf } = await readArchivedBefore(bucket, archive.whole, wanted)
  return { before: { archive, until: firstNewHour(now), rows }, startOf }
}

/** A stage without an archive has no function that reads it. */
function noArchive(error: unknown): never {
  if (!(error instanceof UsageError)) throw error
  throw new UsageError(
    `there is no archive to begin with (${error.message}): leave out --from, to begin now`,
    { cause: error },
  )
}
