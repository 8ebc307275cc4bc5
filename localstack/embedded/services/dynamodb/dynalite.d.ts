declare module 'dynalite' {
  import type { Server } from 'node:http'

  /** https://github.com/architect/dynalite#api */
  export default function dynalite(options: {
    /** Milliseconds for which a table stays in the state CREATING, and so on. */
    readonly createTableMs: number
    readonly updateTableMs: number
    readonly deleteTableMs: number
  }): Server
}
