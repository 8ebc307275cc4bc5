import { expect, test } from 'vitest'
import { createFairQueue } from './fair-queue.ts'

test('a client with much to do delays another by one turn at the most, and keeps its own order', () => {
  const queue = createFairQueue<string>()
  for (const item of ['a1', 'a2', 'a3', 'a4']) queue.push('a', item)
  queue.push('b', 'b1')
  const first = queue.shift()
  queue.push('c', 'c1')
  const all = [first, ...Array.from({ length: 5 }, () => queue.shift())]
  expect(all).toEqual(['a1', 'b1', 'a2', 'c1', 'a3', 'a4'])
  expect([queue.shift(), queue.size()]).toEqual([undefined, 0])
})

test('what is urgent comes before every client, in its own order', () => {
  const queue = createFairQueue<string>()
  queue.push('a', 'a1')
  for (const item of ['u1', 'u2']) queue.pushUrgent(item)
  queue.push('b', 'b1')
  expect(queue.size()).toBe(4)
  expect(Array.from({ length: 5 }, () => queue.shift())).toEqual(['u1', 'u2', 'a1', 'b1', undefined])
  expect(queue.size()).toBe(0)
})
