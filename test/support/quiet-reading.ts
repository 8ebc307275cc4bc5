import type { ReadFilesOptions } from '../../bin/direct/fold-files.ts'

/** How files are read where only the result is looked at; a rejected row is an error. */
export const QUIET_READING: Omit<ReadFilesOptions, 'onSort' | 'read' | 'folder' | 'now'> = {
  allowsNonPositive: () => false,
  onTable: () => {},
  onRejected: ({ detail }) => {
    throw new Error(detail)
  },
  room: async () => {},
  onSame: () => {},
  onProgress: () => {},
}
