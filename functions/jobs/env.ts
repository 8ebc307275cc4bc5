import * as z from 'zod'

/** The environment of the part `jobs`; set by `lib/jobs.ts`. */
export const jobsEnvironment = z.object({
  /** Name of the table `jobs`. */
  JOBS_TABLE: z.string().min(1),
  /** Name of the rebuilder's function, with its alias where it has one. */
  REBUILDER_FUNCTION: z.string().min(1),
  /** The same of this function, which calls itself when a job is submitted. */
  JOBS_FUNCTION: z.string().min(1),
  /** Name of the bucket of exports. */
  EXPORTS_BUCKET: z.string().min(1),
  /** Days that it keeps them. */
  EXPORT_DAYS: z.string().regex(/^\d+$/, 'expected a whole number').transform(Number),
  /** Tasks that run at the same time, of all jobs together. */
  JOB_CONCURRENCY: z.string().regex(/^\d+$/, 'expected a whole number').transform(Number),
  /** Who says that a caller is an operator: the config's `access`. */
  ACCESS: z.enum(['keys', 'clients', 'people']),
})

export type JobsEnvironment = z.input<typeof jobsEnvironment>
