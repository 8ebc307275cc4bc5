import { Client } from 'pg'

/** Longer than the role allows, since nobody waits for a page of a browser here. */
const STATEMENT_TIMEOUT = '15s'

/** Runs `work` with a connection of its own. */
export async function connected<Result>(
  url: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client(url)
  await client.connect()
  try {
    await client.query(`SET statement_timeout = '${STATEMENT_TIMEOUT}'`)
    return await work(client)
  } finally {
    await client.end()
  }
}
