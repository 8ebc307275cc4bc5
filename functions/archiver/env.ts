import * as z from 'zod'

import { symbolMatcher } from '../shared/runtime/symbol-matcher.ts'

/** The archiver's environment; set by `lib/archiver.ts`. */
export const archiverEnvironment = z.object({
  /** Name of the bucket `archive`. */
  ARCHIVE_BUCKET: z.string().min(1),
  /** Where the feature flags are. */
  FLAGS_PATH: z.string().startsWith('/'),
  /** Patterns of the symbols whose prices may be zero or below, with spaces between them. */
  NON_POSITIVE_PRICES: z.string().transform(symbolMatcher),
})

export type ArchiverEnvironment = z.input<typeof archiverEnvironment>
