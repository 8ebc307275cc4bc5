import { describe, expect, it } from 'vitest'

import { checkOutputs } from '../../../bin/stage/output-file.ts'
import { UsageError } from '../../../bin/terminal/errors.ts'

describe('the name of an output', () => {
  it.each(['bars.parquet', 'bars.PARQUET', 'bars.arrow', 'bars.ndjson', 'bars.jsonl'])(
    'is refused for CSV where it says another format: %s',
    (file) => {
      expect(() => checkOutputs([{ option: '--out', file }], [])).toThrow(UsageError)
      expect(() => checkOutputs([{ option: '--out', file }], [])).toThrow(
        `--out ${file} would be CSV, and its name says`,
      )
    },
  )

  it.each(['bars.csv', 'bars', 'bars.txt', 'bars.parquet.csv'])('is taken for CSV: %s', (file) => {
    expect(() => checkOutputs([{ option: '--out', file }], [])).not.toThrow()
  })

  it('may say what it is written as', () => {
    expect(() =>
      checkOutputs([{ option: '--out', file: 'bars.parquet', format: 'parquet' }], []),
    ).not.toThrow()
  })
})
