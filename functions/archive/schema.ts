import type { SchemaElement } from 'hyparquet'

import { MAX_DECIMALS } from '../domain/decimal.ts'

type Repetition = 'REQUIRED' | 'OPTIONAL'
type Named<Name extends string> = SchemaElement & { readonly name: Name }

/** Exact for prices and volumes of 15 digits before the point and 18 behind it; the largest that readers have. */
function decimal<Name extends string>(name: Name): Named<Name> {
  const type = { precision: 38, scale: MAX_DECIMALS }
  return {
    name,
    type: 'FIXED_LEN_BYTE_ARRAY',
    type_length: 16,
    repetition_type: 'OPTIONAL',
    converted_type: 'DECIMAL',
    ...type,
    logical_type: { type: 'DECIMAL', ...type },
  }
}

/** UTC without saying so: DuckDB reads nanoseconds with a time zone as microseconds. */
function time<Name extends string>(name: Name, unit: 'NANOS' | 'MILLIS'): Named<Name> {
  return {
    name,
    type: 'INT64',
    repetition_type: 'REQUIRED',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit },
  }
}

function text<Name extends string>(name: Name, repetition_type: Repetition = 'OPTIONAL'): Named<Name> {
  return {
    name,
    type: 'BYTE_ARRAY',
    repetition_type,
    converted_type: 'UTF8',
    logical_type: { type: 'STRING' },
  }
}

function whole<Name extends string>(
  name: Name,
  type: 'INT32' | 'INT64',
  repetition_type: Repetition = 'OPTIONAL',
): Named<Name> {
  return { name, type, repetition_type }
}

/** The columns of an object of the archive, in their order; docs/archive.md describes them. */
export const ARCHIVE_COLUMNS = [
  text('symbol', 'REQUIRED'),
  time('timestamp', 'NANOS'),
  text('type', 'REQUIRED'),
  decimal('price'),
  decimal('volume'),
  decimal('was_price'),
  decimal('was_volume'),
  whole('id', 'INT64'),
  text('line'),
  { name: 'contiguous', type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
  text('conditions'),
  text('tape'),
  text('side'),
  text('source'),
  whole('sequence', 'INT64'),
  text('shard', 'REQUIRED'),
  text('sequence_number', 'REQUIRED'),
  whole('place', 'INT32', 'REQUIRED'),
  time('arrival', 'MILLIS'),
] as const satisfies readonly SchemaElement[]

/** Columns that objects of earlier releases do not have: no row of theirs has a value in them. */
export const LATER_COLUMNS: readonly string[] = ['side']

/** Whether a column holds exact decimals or times, which readers convert to doubles and dates. */
export function isConverted({ converted_type, logical_type }: SchemaElement): boolean {
  return converted_type === 'DECIMAL' || logical_type?.type === 'TIMESTAMP'
}
