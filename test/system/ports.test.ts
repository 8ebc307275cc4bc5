import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { listeningPorts, processTree } from 'embedded-aws/testing'
import { expect, it, onTestFinished } from 'vitest'

import { startIn } from './support/start-in.ts'

/** What a port answers to a request of a page of another origin, until it closes the connection. */
async function answerTo(port: number, header: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(`POST /_health HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n${header}\r\n\r\n`)
  return await text(socket)
}

it('`npm start` opens two ports, and a web page can use neither', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { child, port, interrupt } = await startIn(join(folder, 'data'), '--no-feed')
  onTestFinished(() => void child.kill('SIGKILL'))
  const ports = processTree(child.pid ?? 0).flatMap((pid) => listeningPorts(pid))
  expect([...new Set(ports)]).toEqual([port, port + 1])
  for (const header of [
    `Host: rebound.example:${port}`,
    'Host: localhost\r\nOrigin: http://evil.example',
    'Host: localhost\r\nSec-Fetch-Site: cross-site',
  ]) {
    expect(await answerTo(port, header)).toMatch(/^HTTP\/1\.1 403 /)
    expect(await answerTo(port + 1, header), 'Postgres').toBe('')
  }
  expect(await interrupt()).toBe(0)
})
