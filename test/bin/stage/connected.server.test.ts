import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

import { expect, it, onTestFinished } from 'vitest'

import { connected } from '../../../bin/stage/connected.ts'
import { createDatabase } from '../../support/test-database.ts'

it('a connection that breaks fails the statement that runs, and the next, and nothing else', async () => {
  const database = await createDatabase()
  const { username, password, host, port, dbname } = database.credentials('app_readonly')
  const sockets = new Set<Socket>()
  const proxy = createServer((socket) => {
    const upstream = connect(port, host)
    for (const each of [socket, upstream]) {
      each.on('error', () => undefined)
      sockets.add(each)
    }
    socket.pipe(upstream).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => void proxy.close())
  const address = proxy.address()
  const url = new URL(`postgresql://127.0.0.1/${dbname}`)
  Object.assign(url, {
    username,
    password: encodeURIComponent(password),
    port: String(typeof address === 'object' ? address?.port : address),
  })
  const ended: unknown[] = []
  await expect(
    connected(url.href, async (client) => {
      const running = client.query('SELECT pg_sleep(60)').catch((error: unknown) => ended.push(error))
      for (const socket of sockets) socket.destroy()
      await running
      await client.query('SELECT 1')
    }),
  ).rejects.toThrow('not queryable')
  expect(ended).toEqual([expect.any(Error)])
})
