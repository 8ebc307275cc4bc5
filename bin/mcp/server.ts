import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { messageOf } from 'embedded-aws/errors'

import type { RestApi } from '../stage/deployed-api.ts'
import { UsageError } from '../terminal/errors.ts'
import { readApi } from './read-api.ts'
import { TOOLS } from './tools.ts'

const INSTRUCTIONS =
  'TickStock has exact 1-minute bars of market trades, with indicators, candlestick patterns and the quality of the data. Everything is read only. Times are UTC. Ask for longer timeframes and few rows where they are enough.'

/**
 * A server of the Model Context Protocol with tools that read the REST API.
 *
 * @param find where the API is, and a key for it; asked for each call, since a deployment may be started anew meanwhile
 */
export function createServer(version: string, find: () => Promise<RestApi>): McpServer {
  const server = new McpServer(
    { name: 'tickstock', title: 'TickStock', version },
    { instructions: INSTRUCTIONS },
  )
  for (const { name, title, description, input, question } of TOOLS)
    server.registerTool(
      name,
      {
        title,
        description,
        inputSchema: input,
        annotations: {
          readOnlyHint: true,
          destructiveHint: false,
          idempotentHint: true,
          openWorldHint: false,
        },
      },
      async (given: unknown) => {
        const { text, isError } = await answer(find, question(given))
        return { content: [{ type: 'text', text }], isError }
      },
    )
  return server
}

async function answer(
  find: () => Promise<RestApi>,
  question: Parameters<typeof readApi>[1],
): Promise<{ readonly text: string; readonly isError: boolean }> {
  try {
    const answered = await readApi(await find(), question)
    return answered.type === 'answered'
      ? { text: answered.text, isError: false }
      : { text: answered.reason, isError: true }
  } catch (error) {
    const reason =
      error instanceof UsageError ? error.message : `TickStock cannot be reached: ${messageOf(error)}`
    return { text: reason, isError: true }
  }
}
