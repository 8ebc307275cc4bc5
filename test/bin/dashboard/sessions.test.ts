import { PassThrough } from 'node:stream'

import { describe, expect, it } from 'vitest'

import { isSameSecret, Sessions } from '../../../bin/dashboard/sessions.ts'

const HOUR = 3_600_000

describe('a one-time key', () => {
  it('signs in once, and only itself', () => {
    const sessions = new Sessions()
    const [key, other] = [sessions.newKey(), sessions.newKey()]
    expect(key).toMatch(/^[\w-]{43}$/)
    expect(sessions.signIn('')).toBeUndefined()
    expect(sessions.signIn(`${key}x`)).toBeUndefined()
    const id = sessions.signIn(key)
    expect(id).toMatch(/^[\w-]{43}$/)
    expect(sessions.signIn(key)).toBeUndefined()
    expect(sessions.signIn(other)).not.toBe(id)
  })

  it('of another start does not sign in', () => {
    expect(new Sessions().signIn(new Sessions().newKey())).toBeUndefined()
  })
})

describe('a session', () => {
  it('lasts while it is used, and ends after twelve idle hours with its connections', () => {
    let now = 0
    const sessions = new Sessions(() => now)
    const id = sessions.signIn(sessions.newKey()) ?? ''
    for (let hours = 0; hours < 30; hours += 10) {
      now = hours * HOUR
      expect(sessions.find(id)).toBeDefined()
    }
    const socket = new PassThrough()
    sessions.find(id)?.sockets.add(socket)
    now += 12 * HOUR
    expect(sessions.find(id)).toBeUndefined()
    expect(socket.destroyed).toBe(true)
  })

  it('ends when it is ended, and no other does', () => {
    const sessions = new Sessions()
    const [one = '', two = ''] = [1, 2].map(() => sessions.signIn(sessions.newKey()))
    const session = sessions.find(one)
    if (session !== undefined) sessions.end(session)
    expect(sessions.find(one)).toBeUndefined()
    expect(sessions.find(two)).toBeDefined()
  })

  it('is one of 32: who signs in again and again ends the oldest', () => {
    const sessions = new Sessions()
    const ids = Array.from({ length: 33 }, () => sessions.signIn(sessions.newKey()) ?? '')
    expect(ids.map((id) => sessions.find(id) !== undefined)).toEqual([false, ...Array(32).fill(true)])
  })
})

it('secrets are compared whole', () => {
  expect(isSameSecret('abc', 'abc')).toBe(true)
  for (const given of ['', 'ab', 'abcd', 'abd']) expect(isSameSecret(given, 'abc')).toBe(false)
})
