import { Client } from 'pg'

/** Longer than the role allows, since nobody waits for a page of a browser here. */
const STATEMENT_TIMEOUT = '15s'

/** Runs `work` with a connection of its own. */
export async function connected<Result>(
  url: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client(url)
  // A connection that is lost fails the statement that runs, or the next; it must not end the process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(`SET statement_timeout = '${STATEMENT_TIMEOUT}'`)
    return await work(client)
  } finally {
    await client.end()
  }
}
