import { spawnSync } from 'node:child_process'

import { expect, it } from 'vitest'

import { compactToJson } from '../../functions/shared/streams/compact-reader.ts'
import { hasPython } from '../support/python-package.ts'
import { blockOf, readPage } from './page.ts'

const TICKS = [
  ['1760106735.123456789', '150.25', '100'],
  ['1760106735.5', '0.000000000000000001', '0.5'],
  ['1760106734', '999999999999999', '123456789012345.25'],
]

it.runIf(hasPython).each([
  ['', ['', '', '']],
  [', ["sell", None, "buy"]', [',null,null,"sell"', '', ',null,null,"buy"']],
])('the encoder of docs/write-a-feed.md writes compact records, every digit kept%s', (argument, behind) => {
  const encoder = blockOf(readPage('docs/write-a-feed.md'), 'Compact records', 'python')
  const program = `${encoder}\nprint(compact("Zürich", "my-feed", 1760106735123000, ${JSON.stringify(TICKS)}${argument}).hex())\n`
  const { stdout, stderr } = spawnSync(process.platform === 'win32' ? 'python' : 'python3', ['-'], {
    input: program,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  const ticks = TICKS.map((tick, place) => `[${tick.join()}${behind[place]}]`).join()
  expect(compactToJson(Buffer.from(stdout.trim(), 'hex'))).toBe(
    `{"symbol":"Zürich","source":"my-feed","sequence":1760106735123000,"ticks":[${ticks}]}`,
  )
})
