import { once } from 'node:events'
import { readFileSync } from 'node:fs'

import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import * as z from 'zod'

import { deployedRestApi, type RestApi } from '../stage/deployed-api.ts'
import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { onDeployment } from '../stage/on-deployment.ts'
import { createServer } from './server.ts'

export type McpOptions = DeploymentOptions & {
  /** REST API. @default that of the deployment */
  readonly api?: string
  /** @default that of the deployment, where it can be read */
  readonly key?: string
}

const PACKAGE = new URL('../../package.json', import.meta.url)

/** Serves a client of the Model Context Protocol over standard input and output, until it ends them. */
export async function runMcp(options: McpOptions): Promise<number> {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(PACKAGE, 'utf8')))
  const server = createServer(version, () => findApi(options))
  const ended = once(process.stdin, 'end')
  await server.connect(new StdioServerTransport())
  await ended
  await server.close()
  return 0
}

async function findApi({ api, key, ...where }: McpOptions): Promise<RestApi> {
  if (api !== undefined && key !== undefined) return { url: api.replace(/\/$/, ''), key }
  const given = { ...(api !== undefined && { api }), ...(key !== undefined && { key }) }
  return await onDeployment(where, (deployed) => deployedRestApi(deployed, given))
}
