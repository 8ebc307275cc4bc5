import { join } from 'node:path'

import type { Formulas } from '../../functions/api/formats/csv.ts'
import { needsSides } from '../../functions/domain/other-bars/kind.ts'
import { OtherBarsError } from '../../functions/domain/other-bars/other-bar.ts'
import type { SideSource } from '../../functions/domain/other-bars/sides.ts'
import type { ReplayOptions } from '../embedded/replay-options.ts'
import { formOf } from '../stage/bars.ts'
import { noSides, sidelessText } from '../stage/other-bar-rows.ts'
import type { NamedKind } from '../stage/other-bars-options.ts'
import { writeOtherBars } from '../stage/write-other-bars.ts'
import { UsageError } from '../terminal/errors.ts'
import { count } from '../terminal/screen.ts'
import { BarSpill } from './bar-spill.ts'
import { foldFilesInto } from './fold-files.ts'
import { OtherFold } from './other-fold.ts'
import { readingOnScreen, type Replaying } from './reading-on-screen.ts'
import { type DirectlyMade, runDirect } from './run-direct.ts'

type OtherReplayOptions = Omit<ReplayOptions, 'signals' | 'patterns' | 'formulas'> & {
  readonly bars: NamedKind
  readonly side: SideSource
  /** Of CSV. @default quoted */
  readonly formulas?: Formulas | undefined
}

type OtherBarsWork = Pick<OtherReplayOptions, 'bars' | 'side'> & { readonly form: ReturnType<typeof formOf> }

/** Folds recorded trades into bars of another kind than minutes, in this process. */
export async function directOtherBars(
  files: readonly string[],
  { bars, side, ...given }: OtherReplayOptions,
): Promise<number> {
  const { out, formulas } = given
  // Without a file nothing is written.
  const form = formOf({ side, formulas, ...(out === undefined ? { format: 'csv' } : { out }) })
  return await runDirect(files, { ...given, formulas: form.formulas, outFormat: form.format }, (replaying) =>
    fold(files, replaying, { bars, side, form }),
  )
}

async function fold(
  files: readonly string[],
  replaying: Replaying,
  { bars: wanted, side, form }: OtherBarsWork,
): Promise<DirectlyMade> {
  const { options, screen, folder } = replaying
  const bars = new BarSpill(options.out === undefined ? undefined : join(folder, 'bars'))
  const folds = new Map<string, OtherFold>()
  try {
    const folded = await foldFilesInto(files, {
      ...readingOnScreen(replaying),
      read: { ...options, sides: side === 'venue' },
      createFold: (symbol) => {
        const own = new OtherFold(symbol, {
          kind: wanted.kind,
          side,
          onBars: (of, more) => bars.take(of, more),
        })
        folds.set(symbol, own)
        return own
      },
      onSort: () => {
        bars.clear()
        folds.clear()
        screen.status('sorting the trades ...')
      },
    })
    const sideless = [...folds].filter(([, { hasSides }]) => !hasSides).map(([symbol]) => symbol)
    if (needsSides(wanted.kind) && sideless.length > 0) {
      if (sideless.length === folds.size) throw noSides(wanted.name, side)
      screen.print(sidelessText(sideless, wanted.name))
    }
    return {
      folded,
      counts: bars.counts,
      write: async () => {
        if (options.out === undefined) return []
        const rows = await writeOtherBars(options.out, bars.bySymbol(), form)
        return [[`${form.format} bars`, `${count(rows)} to ${options.out}`]]
      },
    }
  } catch (error) {
    if (error instanceof OtherBarsError) throw new UsageError(error.message)
    throw error
  }
}
