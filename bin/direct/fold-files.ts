import type { ReadOptions, TradeTable } from '../../feed/files/read-trades.ts'
import { scanTrades } from '../../feed/files/scan-trades.ts'
import type { AllowsNonPositive } from '../../functions/aggregator/decode.ts'
import { MAX_AHEAD_SECONDS } from '../../functions/domain/trade.ts'
import { tradeChecker } from '../stage/check-trade.ts'
import { DistinctTrades } from '../stage/distinct-trades.ts'
import { gatherTrades, type RejectedRow } from '../stage/gather-trades.ts'
import { givenFiles } from '../stage/given-files.ts'
import { TradeCounts } from '../stage/trade-counts.ts'
import { DirectTaker, OutOfOrder } from './direct-taker.ts'
import { type FoldOptions, SymbolFold } from './symbol-fold.ts'
import type { TradeFold } from './trade-fold.ts'

export type ReadFilesOptions = {
  readonly read: Omit<ReadOptions, 'onProgress'>
  /** An empty folder for what does not fit into memory. */
  readonly folder: string
  readonly allowsNonPositive: AllowsNonPositive
  /** Unix milliseconds. */
  readonly now: number
  readonly onTable: (table: TradeTable) => void
  readonly onRejected: (row: RejectedRow) => void
  /** Resolves when there is room for more rejected rows. */
  readonly room: () => Promise<void>
  readonly onSame: (file: string, other: string) => void
  readonly onProgress: (file: string, share: number) => void
  /** Called before the files are read once more, since their trades are to be sorted: bars so far are to be dropped. */
  readonly onSort: () => void
}

type IntoOptions = ReadFilesOptions & {
  /** A new fold of the trades of a symbol. */
  readonly createFold: (symbol: string, outcome: Outcome) => TradeFold
}

/** What folds count. */
type Outcome = {
  readonly counts: TradeCounts
  /** Trades that a fold has refused. */
  refused: number
}

/** What files came to. */
export type FoldedFiles = Readonly<Outcome>

/** Folds the trades of files into bars, as a replay does. */
export async function foldFiles(
  files: readonly string[],
  { rules, onBars, ...options }: ReadFilesOptions & Pick<FoldOptions, 'rules' | 'onBars'>,
): Promise<FoldedFiles> {
  return await foldFilesInto(files, {
    ...options,
    createFold: (symbol, outcome) =>
      new SymbolFold(symbol, {
        rules,
        now: options.now,
        onBars,
        onRefused: (trades) => (outcome.refused += trades),
        onUnnumbered: () => outcome.counts.unnumbered++,
      }),
  })
}

/**
 * Gives the trades of files to a fold for each symbol: in one reading as long as the trades of each symbol are in the order
 * of their time, and otherwise sorted, in a second reading, to folds of their own.
 */
export async function foldFilesInto(files: readonly string[], options: IntoOptions): Promise<FoldedFiles> {
  const told = { tables: 0, rows: 0, same: 0 }
  try {
    return await foldInOrder(files, { ...options, ...countTold(options, told) })
  } catch (error) {
    if (!(error instanceof OutOfOrder)) throw error
    options.onSort()
    return await foldSorted(files, { ...options, ...skipTold(options, told) })
  }
}

type Told = { tables: number; rows: number; same: number }
type Tells = Pick<ReadFilesOptions, 'onTable' | 'onRejected' | 'onSame'>

function countTold({ onTable, onRejected, onSame }: Tells, told: Told): Tells {
  return {
    onTable: (table) => {
      told.tables++
      onTable(table)
    },
    onRejected: (row) => {
      told.rows++
      onRejected(row)
    },
    onSame: (file, other) => {
      told.same++
      onSame(file, other)
    },
  }
}

/** The second reading gives the same in the same order: what was told is not told again. */
function skipTold({ onTable, onRejected, onSame }: Tells, told: Told): Tells {
  return {
    onTable: (table) => void (told.tables-- > 0 || onTable(table)),
    onRejected: (row) => void (told.rows-- > 0 || onRejected(row)),
    onSame: (file, other) => void (told.same-- > 0 || onSame(file, other)),
  }
}

async function foldInOrder(files: readonly string[], options: IntoOptions): Promise<FoldedFiles> {
  const { read, now, room, onProgress, onTable, onRejected, onSame } = options
  const folds = new Folds(options)
  const { counts } = folds.outcome
  const check = tradeChecker({ now: () => now, allowsNonPositive: options.allowsNonPositive })
  const foldOf = (symbol: string): TradeFold => folds.of(symbol)
  const taker = new DirectTaker({ counts, foldOf, check, onTable, onRejected })
  const latest = Math.floor(now / 1000) + MAX_AHEAD_SECONDS - 1
  for await (const { file } of givenFiles(files, { read, onSame, fingerprints: 'of several' })) {
    const progress = ({ bytesRead, totalBytes }: { bytesRead: number; totalBytes: number }): void =>
      onProgress(file, totalBytes === 0 ? 1 : bytesRead / totalBytes)
    for await (const _piece of scanTrades(file, { ...read, latest, onProgress: progress }, taker))
      await room()
  }
  return folds.end()
}

async function foldSorted(files: readonly string[], options: IntoOptions): Promise<FoldedFiles> {
  const { read, folder, now, onRejected } = options
  const gathered = await gatherTrades(files, {
    ...options,
    read,
    fingerprints: 'of several',
    folder,
    check: tradeChecker({ now: () => now, allowsNonPositive: options.allowsNonPositive }),
  })
  const folds = new Folds(options, gathered.counts)
  const trades = new DistinctTrades(gathered.sorter.sorted(), { ...gathered, onRejected })
  await trades.advance()
  while (trades.current !== undefined) {
    const { tick } = trades.current
    gathered.counts.put++
    folds.of(tick.symbol).tick(tick, trades.current)
    const reading = trades.advance()
    if (reading !== undefined) await reading
  }
  return folds.end()
}

/** The folds of all symbols. */
class Folds {
  readonly outcome: Outcome
  readonly #create: IntoOptions['createFold']
  readonly #symbols = new Map<string, TradeFold>()

  constructor({ createFold }: IntoOptions, counts = new TradeCounts()) {
    this.outcome = { counts, refused: 0 }
    this.#create = createFold
  }

  of(symbol: string): TradeFold {
    let fold = this.#symbols.get(symbol)
    if (fold === undefined) this.#symbols.set(symbol, (fold = this.#create(symbol, this.outcome)))
    return fold
  }

  end(): FoldedFiles {
    for (const fold of this.#symbols.values()) fold.end()
    return this.outcome
  }
}
