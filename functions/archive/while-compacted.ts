const ATTEMPTS = 3

/**
 * Lists and reads objects of the archive, and does so again when one of them is not there any more: the compactor has
 * merged it since it was listed.
 *
 * @param read lists anew each time; what it read before counts for nothing
 */
export async function whileCompacted<Result>(read: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++)
    try {
      return await read()
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof Error) || error.name !== 'NoSuchKey') throw error
    }
}
