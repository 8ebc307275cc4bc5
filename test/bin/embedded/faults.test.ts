import { expect, it } from 'vitest'

import { Faults } from '../../../bin/embedded/faults.ts'
import { failureMessage } from '../../../bin/terminal/failure-message.ts'

const line = (level: string, message: string, cause: string): string =>
  JSON.stringify({ level, message, error: { name: 'error', message: cause } })

it('gives the innermost message of the last error as the fault, and none for warnings', () => {
  const faults = new Faults()
  faults.noteLog({ functionName: 'bar-writer', text: line('WARN', 'a warning', 'of no weight') })
  expect(faults.last).toBeUndefined()
  faults.noteLog({ functionName: 'aggregator', text: line('ERROR', 'a batch failed', 'it is throttled') })
  faults.noteLog({ functionName: 'bar-writer', text: line('ERROR', 'a batch failed', 'connection refused') })
  expect(faults.last).toBe('bar-writer: connection refused')
  faults.noteLog({ functionName: 'sweeper', text: '"level":"ERROR" no JSON' })
  expect(faults.last).toBe('sweeper: "level":"ERROR" no JSON')
})

it.each([
  [
    'a function',
    (faults: Faults) =>
      faults.noteLog({
        functionName: 'bar-writer',
        text: line('ERROR', 'failed', 'could not extend file "base/1": No space left on device'),
      }),
  ],
  [
    'the log of Postgres',
    (faults: Faults) =>
      faults.note('2026-11-29 UTC [7] PANIC:  could not write to file "pg_wal/1": No space left on device'),
  ],
  ['a stream', (faults: Faults) => faults.note('database or disk is full')],
])('ends every wait in one line when %s says that the disk is full', async (_what, tell) => {
  const faults = new Faults()
  const waiting = Promise.race([faults.diskFull, new Promise<never>(() => {})])
  faults.note('database system is shut down')
  tell(faults)
  faults.note('ENOSPC again')
  const error = await waiting.catch((reason: unknown) => reason)
  expect(failureMessage(error, { data: 'thrown-away' })).toMatch(
    /^the disk is full \(.+\): free some space and run it again, from the beginning$/,
  )
})
