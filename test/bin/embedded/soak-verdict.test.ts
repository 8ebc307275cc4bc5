import { expect, it } from 'vitest'

import { growing, type Sample } from '../../../bin/embedded/soak-verdict.ts'

const SAMPLE: Sample = {
  memoryMb: 500,
  postgresMb: 60,
  openFiles: 600,
  tablesMb: 10,
  tableFiles: 12,
  streamsMb: 100,
  databaseMb: 100,
  otherMb: 1,
  logMb: 0,
}

const samples = (change: (index: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: 30 }, (_, index) => ({ ...SAMPLE, ...change(index) }))

it('what is flat, or goes up and down, does not grow', () => {
  expect(growing(samples(() => ({})))).toEqual([])
  expect(
    growing(samples((index) => ({ tablesMb: 5 + (index % 5) * 4, memoryMb: 500 + (index % 3) * 50 }))),
  ).toEqual([])
})

it('what the start takes is not growth', () => {
  expect(growing(samples((index) => ({ memoryMb: Math.min(500, 100 + 100 * index) })))).toEqual([])
})

it('what grows in an hour as the tables did once is named', () => {
  expect(
    growing(
      samples((index) => ({ tablesMb: 27 * index, tableFiles: 17 * index, memoryMb: 500 + 36 * index })),
    ),
  ).toEqual(['memory', 'the folder of the tables', 'the number of files of the tables'])
})

it('files that are left open are named, and those of workers that come and go are not', () => {
  expect(growing(samples((index) => ({ openFiles: 600 + 60 * index })))).toEqual(['the number of open files'])
  expect(growing(samples((index) => ({ openFiles: 600 + 150 * (index % 2) })))).toEqual([])
})

it('streams, bars and the log may grow', () => {
  expect(
    growing(samples((index) => ({ streamsMb: 99 * index, databaseMb: 99 * index, logMb: index }))),
  ).toEqual([])
})

it('too few samples prove nothing', () => {
  expect(growing(samples((index) => ({ tablesMb: 1000 * index })).slice(0, 2))).toEqual([])
})
