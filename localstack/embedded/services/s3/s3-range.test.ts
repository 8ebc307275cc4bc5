import { expect, it } from 'vitest'

import { rangeOf } from './s3-range.ts'

it.each([
  ['bytes=0-3', { first: 0, last: 3 }],
  ['bytes=6-', { first: 6, last: 9 }],
  ['bytes=6-100', { first: 6, last: 9 }],
  ['bytes=-4', { first: 6, last: 9 }],
  ['bytes=-40', { first: 0, last: 9 }],
  ['bytes=10-12', 'none'],
  ['bytes=-0', 'none'],
  ['bytes=4-2', undefined],
  ['bytes=0-1,4-5', undefined],
  ['lines=0-1', undefined],
  [undefined, undefined],
])('of ten bytes, %s is %j', (header, range) => {
  expect(rangeOf(header, 10)).toEqual(range)
})
