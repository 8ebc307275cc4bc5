/** Serves the API over HTTP as a process of its own: `'{"credentials":{...},"instances":50}'`; sends its port. */
import { createServer } from 'node:http'

import { z } from 'zod'

import { createApp } from '../../functions/api/app.ts'
import { serveEvents } from '../../functions/api/http/api-gateway.ts'
import { READ_SESSION } from '../../functions/api/read-session.ts'
import { openDatabase } from '../../functions/shared/postgres/database.ts'
import { proxyEvent } from '../../test/functions/api/harness.ts'

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
const idle = Array.from({ length: instances }, () =>
  serveEvents(
    createApp({
      database: openDatabase(async () => credentials, {
        ssl: false,
        applicationName: 'bench',
        ...READ_SESSION,
      }),
      corsOrigins: [],
      now: Date.now,
      logError: (message, error) => process.stderr.write(`${message}: ${String(error)}\n`),
      measure: () => {},
    }),
  ),
)

const server = createServer((request, response) => {
  const instance = idle.pop()
  if (instance === undefined) {
    response.writeHead(429).end()
    return
  }
  void instance(proxyEvent(request.method ?? 'GET', request.url ?? '/', {})).then((result) => {
    idle.push(instance)
    response.writeHead(result.statusCode, result.headers)
    response.end(result.body)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined })
})
