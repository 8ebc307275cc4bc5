import { checkReplay, type ReplayOptions } from '../embedded/replay-options.ts'
import { type Made, reportReplay, reportRows } from '../embedded/replay-summary.ts'
import { withRejects } from '../stage/rejects.ts'
import { openScreen } from '../terminal/screen.ts'
import { inThrowAwayFolder } from '../terminal/throw-away-folder.ts'
import type { FoldedFiles } from './fold-files.ts'
import type { Replaying } from './reading-on-screen.ts'

/** What files were folded into. */
export type DirectlyMade = {
  readonly folded: FoldedFiles
  readonly counts: Omit<Made, 'rejected'>
  /** Writes the files that are asked for: what each is, and what to say of it. */
  readonly write: () => Promise<readonly (readonly [string, string])[]>
}

/** Folds recorded trades in this process, writes what they come to, and prints the summary; 1 when something is wrong with them. */
export async function runDirect(
  files: readonly string[],
  options: ReplayOptions,
  fold: (replaying: Replaying) => Promise<DirectlyMade>,
): Promise<number> {
  const screen = openScreen()
  await checkReplay(files, options)
  return await inThrowAwayFolder('replay', (folder) =>
    withRejects({ screen, file: options.rejects }, async (rejects) => {
      const started = performance.now()
      const made = await fold({ options, screen, folder, rejects })
      const seconds = (performance.now() - started) / 1000
      const { counts, refused: rejected } = made.folded
      const gathered = { counts, hasConditions: counts.withConditions > 0 }
      const good = counts.read - counts.rejectedRows - counts.leftOutRows
      if (good === 0) return reportRows(gathered, { screen, good })
      const written = await made.write()
      screen.end()
      return reportReplay({ ...made.counts, rejected }, { gathered, screen, seconds, written })
    }),
  )
}
