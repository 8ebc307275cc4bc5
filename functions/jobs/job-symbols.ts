import * as z from 'zod'

import { isSymbol } from '../domain/trade.ts'
import { MAX_EXPORT_SYMBOLS } from '../rebuilder/export/export-task.ts'

/** A job has at most so many symbols, which fit into an item of DynamoDB; those of an export are in one task. */
export const MAX_JOB_SYMBOLS = MAX_EXPORT_SYMBOLS

/** The symbols that a job is submitted with: in their order, each once. */
export const jobSymbols = z
  .array(z.string().refine(isSymbol, 'a symbol'), 'a list of symbols')
  .min(1, 'one symbol or more')
  .max(MAX_JOB_SYMBOLS, `at most ${MAX_JOB_SYMBOLS} symbols`)
  .transform((symbols) => [...new Set(symbols)].toSorted())
