import { symbolMatcher } from '../../functions/shared/runtime/symbol-matcher.ts'
import { readConfig } from '../../lib/config/read-config.ts'
import { projectSettings } from '../embedded/project-settings.ts'
import { progressBar, type ReplayOptions } from '../embedded/replay-options.ts'
import { describeTable } from '../stage/describe-table.ts'
import type { Rejects } from '../stage/rejects.ts'
import type { Screen } from '../terminal/screen.ts'
import type { ReadFilesOptions } from './fold-files.ts'

/** What a direct replay works with. */
export type Replaying = {
  readonly options: ReplayOptions
  readonly screen: Screen
  readonly folder: string
  readonly rejects: Rejects
}

/** The settings of a deployment on this machine. */
export function localConfig(): ReturnType<typeof readConfig> {
  const settings: Readonly<Record<string, unknown>> = { ...projectSettings(), stage: 'local' }
  return readConfig((key) => settings[key])
}

/** How the files of a replay are read, with its progress on the screen. */
export function readingOnScreen({
  options,
  screen,
  folder,
  rejects,
}: Replaying): Omit<ReadFilesOptions, 'onSort'> {
  return {
    read: options,
    folder,
    allowsNonPositive: symbolMatcher(localConfig().nonPositivePrices),
    now: Date.now(),
    onTable: (table) => screen.print(describeTable(table)),
    onRejected: (row) => rejects.add(row),
    room: () => rejects.room(),
    onSame: (same, other) => screen.print(`${same} has the content of ${other}, and is not read again`),
    onProgress: (file, share) => screen.status(`reading ${progressBar(share)} ${file}`),
  }
}
