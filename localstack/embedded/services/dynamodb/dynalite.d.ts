declare module 'dynalite' {
  import type { Server } from 'node:http'

  /** A DynamoDB on LevelDB. */
  const dynalite: (options: {
    /** Folder of the database; in memory if absent. */
    readonly path?: string
    /** Milliseconds that a new table stays in the state CREATING. */
    readonly createTableMs?: number
    readonly deleteTableMs?: number
    readonly updateTableMs?: number
  }) => Server
  export default dynalite
}
