import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { openRotatingLog } from '../../../bin/terminal/rotating-log.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  file = join(folder, 'functions.log')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('keeps the newest lines in order, in two files of a bounded size', () => {
  const write = openRotatingLog(file, { maxBytes: 40 })
  for (let line = 0; line < 20; line++) write(`line ${String(line).padStart(2, '0')}`)
  expect(readdirSync(folder)).toEqual(['functions.log', 'functions.log.1'])
  const kept = readFileSync(`${file}.1`, 'utf8') + readFileSync(file, 'utf8')
  expect(kept).toBe([...Array(10).keys()].map((line) => `line ${line + 10}\n`).join(''))
})

it('counts bytes, and what an earlier start has written', () => {
  const write = openRotatingLog(file, { maxBytes: 21 })
  write('é'.repeat(10))
  write('newer')
  openRotatingLog(file, { maxBytes: 6 })('next')
  expect(readFileSync(file, 'utf8')).toBe('next\n')
  expect(readFileSync(`${file}.1`, 'utf8')).toBe('newer\n')
})
