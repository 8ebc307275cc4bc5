import * as z from 'zod'

/** The compactor's environment; set by `lib/compactor.ts`. */
export const compactorEnvironment = z.object({
  /** Name of the bucket `archive`. */
  ARCHIVE_BUCKET: z.string().min(1),
})

export type CompactorEnvironment = z.input<typeof compactorEnvironment>
