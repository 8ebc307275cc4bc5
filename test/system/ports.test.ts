import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
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

/** Files and folders that another user could read or list; root lets the user of Postgres pass through folders. */
function openToOthers(folder: string): string[] {
  return ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].filter((name) => {
    const status = lstatSync(join(folder, name), { throwIfNoEntry: false })
    if (status === undefined || status.isSymbolicLink()) return false
    return (status.mode & (status.isDirectory() ? 0o066 : 0o077)) !== 0
  })
}

it("`npm start` opens three ports, and a web page of another origin can use none; its data is its owner's only", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { child, port, printed, interrupt } = await startIn(join(folder, 'data'), '--no-feed')
  onTestFinished(() => void child.kill('SIGKILL'))
  const ports = processTree(child.pid ?? 0).flatMap((pid) => listeningPorts(pid))
  const dashboard = Number(/localhost:(\d+)/.exec(printed())?.[1])
  expect(new Set(ports)).toEqual(new Set([port, port + 1, dashboard]))
  for (const header of [
    `Host: rebound.example:${port}`,
    'Host: localhost\r\nOrigin: http://evil.example',
    'Host: localhost\r\nSec-Fetch-Site: cross-site',
  ]) {
    expect(await answerTo(port, header)).toMatch(/^HTTP\/1\.1 403 /)
    // Postgres: no protocol of its own begins so.
    expect(await answerTo(port + 1, header)).toBe('')
    expect(await answerTo(dashboard, header)).toMatch(/^HTTP\/1\.1 403 /)
  }
  expect(openToOthers(join(folder, 'data'))).toEqual([])
  expect(await interrupt()).toBe(0)
  expect(openToOthers(join(folder, 'data'))).toEqual([])
})
