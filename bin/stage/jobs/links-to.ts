import type { Link, WholeJob } from '../../../functions/jobs/job-view.ts'
import type { LinkSource } from '../download-piece.ts'

/** A link that ends so soon is not used: a piece may wait for its connection. */
const SPARE_MS = 60_000

/**
 * Links to the object of a job, a new one when the one before ends or is refused.
 *
 * @param now the wall clock, in Unix milliseconds
 */
export function linksTo(
  jobs: { readonly show: (id: string) => Promise<Pick<WholeJob, 'download'>> },
  id: string,
  now: () => number,
): LinkSource['linkTo'] {
  let link: Link | undefined
  return async (want) => {
    const isGood = link !== undefined && now() < Date.parse(link.expires_at) - SPARE_MS
    if (link !== undefined && isGood && want === 'any') return link.url
    const { download: next } = await jobs.show(id)
    if (next === null || next === undefined)
      throw new Error(`the job ${id} is done, and gives no link to its object`)
    link = next
    return next.url
  }
}
