import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { download } from '../../../bin/stage/download.ts'
import { linksTo } from '../../../bin/stage/jobs/links-to.ts'

const OBJECT = randomBytes(40 * 1024 * 1024)

type Fault = (response: ServerResponse) => void
const drop: Fault = (response) => void response.destroy()
const dropLater: Fault = (response) => {
  response.writeHead(206, { 'content-length': 1000 })
  response.write('some', () => response.destroy())
}
const status =
  (code: number): Fault =>
  (response) =>
    void response.writeHead(code).end('no')

/** Downloads from a server that has these faults, each at the request of its number, from 1 on. */
async function downloaded(faults: Readonly<Record<number, Fault>>) {
  let requests = 0
  const server = createServer((request, response) => {
    const fault = faults[++requests]
    if (fault !== undefined) {
      fault(response)
      return
    }
    const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    const bytes = OBJECT.subarray(Number(from), Number(to) + 1)
    response.writeHead(206, { etag: '"a"', 'content-range': `bytes ${from}-${to}/${OBJECT.length}` })
    response.end(bytes)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const folder = await mkdtemp(join(tmpdir(), 'download-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const wanted: string[] = []
  const linkTo = async (want: string) => {
    wanted.push(want)
    return `http://127.0.0.1:${port}/`
  }
  const path = join(folder, 'bars')
  await download({ linkTo, wait: async () => {} }, path)
  return { isWhole: OBJECT.equals(await readFile(path)), wanted }
}

describe('a download', () => {
  it('in pieces is whole', async () => {
    expect(await downloaded({})).toEqual({ isWhole: true, wanted: ['any', 'any', 'any'] })
  })

  it('takes a new link when S3 refuses the one before', async () => {
    const { isWhole, wanted } = await downloaded({ 2: status(403) })
    expect([isWhole, wanted]).toEqual([true, ['any', 'any', 'renewed', 'any']])
  })

  it('goes on when connections drop, or S3 fails for a moment', async () => {
    const { isWhole } = await downloaded({ 1: drop, 3: dropLater, 4: status(503) })
    expect(isWhole).toBe(true)
  })

  it('fails with what is said each time, and at once where another try would not help', async () => {
    const always = Object.fromEntries([1, 2, 3, 4, 5].map((request) => [request, status(403)]))
    await expect(downloaded(always)).rejects.toThrow('answered with 403: no')
    await expect(downloaded({ 1: status(404) })).rejects.toThrow('answered with 404: no')
  })
})

it('the link to an export is a new one before it expires, and when it was refused', async () => {
  const MINUTE_MS = 60_000
  let [now, made] = [0, 0]
  const show = async () => ({
    download: { url: `https://s3.test/${++made}`, expires_at: new Date(now + 15 * MINUTE_MS).toISOString() },
  })
  const linkTo = linksTo({ show }, 'j', () => now)
  expect([await linkTo('any'), await linkTo('any')]).toEqual(['https://s3.test/1', 'https://s3.test/1'])
  expect(await linkTo('renewed')).toBe('https://s3.test/2')
  now = 14.5 * MINUTE_MS
  expect(await linkTo('any')).toBe('https://s3.test/3')
  await expect(linksTo({ show: async () => ({ download: null }) }, 'j', () => now)('any')).rejects.toThrow(
    'the job j is done, and gives no link',
  )
})
