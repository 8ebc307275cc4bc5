import { readActions } from './read-actions.ts'
import { type WrittenActions, writtenActionsSchema } from '../../../functions/bar-writer/corporate-actions.ts'
import { nameOf } from '../../../functions/shared/runtime/deployment-name.ts'
import { countLines } from '../../terminal/count-lines.ts'
import { UsageError } from '../../terminal/errors.ts'
import { openScreen, type Screen } from '../../terminal/screen.ts'
import { CorporateActions } from './corporate-actions.ts'
import { deployedEnvironment } from '../deployed-function.ts'
import type { DeployedStage } from '../find-deployment.ts'
import type { ImportOptions } from '../import.ts'
import { functionInvoker } from '../invoke-part.ts'
import { checkOutputs } from '../output-file.ts'
import { rejecterOf, type Rejects, rejectsText, withRejects } from '../rejects.ts'
import { TradeCounts } from '../trade-counts.ts'

export type ActionOptions = Pick<ImportOptions, 'columns' | 'symbol' | 'rejects'> & {
  /** The files have all actions of their symbols. */
  readonly replace?: boolean
}

/** The bar-writer may be busy with its streams; repeating an import changes nothing. */
const ATTEMPTS = 10

/** Stores the splits and cash dividends of files, by which bars are adjusted where they are asked for so. */
export async function importActionFiles(
  deployed: DeployedStage,
  files: readonly string[],
  options: ActionOptions,
): Promise<number> {
  const { rejects: file } = options
  checkOutputs(file === undefined ? [] : [{ option: '--rejects', file }], files)
  await deployedEnvironment('bar-writer', deployed)
  // The only part that may write the tables.
  const write = functionInvoker(`${nameOf(deployed)}-bar-writer`, deployed, { attempts: ATTEMPTS })
  const screen = openScreen()
  const counts = new TradeCounts()
  const read = new CorporateActions()
  await withRejects({ screen, file }, async (rejects) => {
    for (const each of files) await readInto(read, each, { counts, rejects, screen, options })
  })
  if (options.replace === true && counts.rejectedRows > 0) {
    const more = rejectsText(counts)
    screen.end()
    if (more !== undefined) screen.print(more)
    throw new UsageError(
      `${counts.rejectedRows} rows were rejected, and --replace would remove their actions: nothing was stored; mend the rows, or import without --replace`,
    )
  }
  const total: WrittenActions = { added: 0, changed: 0, removed: 0, unchanged: 0 }
  for (const { actions, symbols } of read.calls()) {
    const whole = options.replace === true ? symbols : []
    const written = writtenActionsSchema.parse(await write({ type: 'corporate-actions', actions, whole }))
    for (const name of ['added', 'changed', 'removed', 'unchanged'] as const) total[name] += written[name]
  }
  screen.end()
  const more = rejectsText(counts)
  if (more !== undefined) screen.print(more)
  screen.print(linesOf(counts, read.duplicates, total))
  return counts.read > 0 && counts.read === counts.rejectedRows + counts.leftOutRows ? 1 : 0
}

async function readInto(
  read: CorporateActions,
  file: string,
  {
    counts,
    rejects,
    screen,
    options,
  }: {
    readonly counts: TradeCounts
    readonly rejects: Rejects
    readonly screen: Screen
    readonly options: ActionOptions
  },
): Promise<void> {
  let described: string | undefined
  for await (const { description, label, rows } of readActions(file, options)) {
    if (described !== description) screen.print(description)
    described = description
    for (const row of rows) {
      counts.read++
      const reject = rejecterOf({ counts, rejects }, { ...row, label })
      if (row.type === 'left-out') counts.leaveOut(row.reason)
      else if (row.type === 'bad') reject(row.reason, row.detail)
      else
        for (const action of row.actions) {
          const refusal = read.add(action)
          if (refusal !== undefined) reject(refusal.reason, refusal.detail)
        }
    }
    await rejects.room()
  }
}

function linesOf(counts: TradeCounts, duplicates: number, total: WrittenActions): readonly string[] {
  return countLines([
    [counts.read, 'rows'],
    [counts.rejectedRows, 'rejected'],
    ...counts.leftOut.map(([reason, rows]) => [rows, `left out: ${reason}`] as const),
    [duplicates, 'repeated in the files'],
    [total.unchanged, 'actions as they were'],
    [total.changed, 'actions changed'],
    [total.removed, 'actions removed'],
    [total.added, 'actions added'],
  ])
}
