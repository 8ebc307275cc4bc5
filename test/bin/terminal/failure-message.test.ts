import { DamagedError } from 'embedded-aws/errors'
import { describe, expect, it } from 'vitest'

import { TradeFileError } from '../../../feed/errors.ts'
import { UsageError } from '../../../bin/terminal/errors.ts'
import { failureMessage } from '../../../bin/terminal/failure-message.ts'

const withCode = (message: string, code: string) => Object.assign(new Error(message), { code })

describe('what the command line says about', () => {
  it.each([
    withCode('ENOSPC: no space left on device, write', 'ENOSPC'),
    withCode('database or disk is full', 'ERR_SQLITE_ERROR'),
    withCode('IO error: /d/000003.log: No space left on device', 'LEVEL_IO_ERROR'),
    new Error('Migrated failed', { cause: new Error('could not extend file "base/1": wrote only 4096') }),
    new UsageError(
      'Postgres could not make its folder:\nFATAL: could not write to file: No space left on device',
    ),
  ])('%s is that the disk is full', (error) => {
    expect(failureMessage(error)).toMatch(/^the disk is full \(.+\): free some space and start again[^\n]*$/)
    expect(failureMessage(error, { data: 'thrown-away' })).toMatch(
      /: free some space and run it again, from the beginning$/,
    )
  })

  it('a thread that ran out of memory is what to do about it, on one line', () => {
    const error = withCode(
      'Worker terminated due to reaching memory limit: JS heap out of memory',
      'ERR_WORKER_OUT_OF_MEMORY',
    )
    expect(failureMessage(error)).toBe(
      'out of memory: a thread reached its limit; give Node.js more (NODE_OPTIONS=--max-old-space-size=2048) and start again; it continues from the data on disk',
    )
    expect(failureMessage(error, { data: 'thrown-away' })).toMatch(/ and run it again, from the beginning$/)
  })

  it('a file whose names would forge a line is one line', () => {
    const file = 'trades.zip: a\nFORGED\u001b[2J.csv'
    const error = new TradeFileError('empty', `${file} is empty`, { file })
    expect(failureMessage(error)).toBe(String.raw`trades.zip: a\u000aFORGED\u001b[2J.csv is empty`)
  })

  it('damaged data is what to do about it, on one line', () => {
    const error = new DamagedError('/data/file', 'is damaged (a\nb\u0007\uFFFD)')
    expect(failureMessage(error)).toBe(
      '/data/file is damaged (a b ): restore a copy of it, or start anew with an empty data folder (npm start -- --fresh)',
    )
  })

  it('a mistake of the user is its message alone', () => {
    expect(failureMessage(new UsageError('no such file'))).toBe('no such file')
    expect(failureMessage(withCode('EACCES: permission denied', 'EACCES'))).toBe('EACCES: permission denied')
  })

  it('an AWS service that says no is its name and message', () => {
    const error = Object.assign(new Error('not yours'), { name: 'AccessDenied', $metadata: {} })
    expect(failureMessage(error)).toBe('AccessDenied: not yours')
  })

  it('a fault of ours is its stack', () => {
    expect(failureMessage(new TypeError('x is undefined'))).toMatch(/TypeError: x is undefined\n +at /)
    expect(failureMessage('a word')).toBe('a word')
  })
})
