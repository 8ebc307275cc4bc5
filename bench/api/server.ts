/** Serves the API over HTTP as a process of its own: `'{"credentials":{...},"instances":50}'`; sends its port. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

import * as z from 'zod'

import { READ_SESSION } from '../../functions/api/read-session.ts'
import { databaseNow } from '../../functions/shared/postgres/database-clock.ts'
import { openDatabase } from '../../functions/shared/postgres/database.ts'
import { proxyEvent } from '../../test/functions/api/harness.ts'
import { serveApp } from './serve-app.ts'

const { credentials, instances } = z
  .object({
    credentials: z.object({
      username: z.string(),
      password: z.string(),
      host: z.string(),
      port: z.number(),
      dbname: z.string(),
    }),
    instances: z.int(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''))

/** As Lambda does: an instance has one connection and one request at a time. */
const idle = Array.from({ length: instances }, () => {
  const database = openDatabase(async () => credentials, {
    ssl: false,
    applicationName: 'bench',
    ...READ_SESSION,
  })
  return serveApp({ database, databaseNow: () => databaseNow(database) })
})

type Instance = (typeof idle)[number]
const waiting: ((instance: Instance) => void)[] = []

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const instance = idle.pop() ?? (await new Promise<Instance>((resolve) => waiting.push(resolve)))
  const result = await instance(proxyEvent(request.method ?? 'GET', request.url ?? '/', {}))
  const next = waiting.shift()
  if (next === undefined) idle.push(instance)
  else next(instance)
  response.writeHead(result.statusCode, result.headers)
  response.end(Buffer.from(result.body, result.isBase64Encoded ? 'base64' : 'utf8'))
}

const server = createServer((request, response) => void answer(request, response))
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined })
})
