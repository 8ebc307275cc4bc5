import { describe, expect, it } from 'vitest'

import { newKey, peopleKey, usageKeyOf } from '../../../../functions/shared/access/usage-keys.ts'

describe('a new key', () => {
  it.each(['HEADER', 'AUTHORIZER'] as const)('of %s is found by what its client sends', (source) => {
    const { sent, stored } = newKey(source)
    expect(usageKeyOf(sent)).toBe(stored)
    expect(newKey(source).sent).not.toBe(sent)
  })

  it('is stored as it is where API Gateway compares it itself, else as a hash', () => {
    const plain = newKey('HEADER')
    expect(plain.sent).toMatch(/^[A-Za-z0-9]{40}$/)
    expect(plain.stored).toBe(plain.sent)
    const hashed = newKey('AUTHORIZER')
    expect(hashed.sent).toMatch(/^tsk_[A-Za-z0-9]{40}$/)
    expect(hashed.stored).toMatch(/^sha256-[0-9a-f]{64}$/)
  })
})

describe('what is stored', () => {
  it('cannot be sent', () => {
    for (const stored of [newKey('AUTHORIZER').stored, peopleKey('tickstock-dev'), peopleKey('desk-prod')])
      expect(usageKeyOf(stored)).toBeUndefined()
  })

  it('is what API Gateway takes: 20 to 128 characters', () => {
    for (const stored of [
      newKey('HEADER').stored,
      newKey('AUTHORIZER').stored,
      ...['tickstock-local', 'tickstock-dev', 'desk-prod', 'a-dev'].map(peopleKey),
    ])
      expect(stored).toMatch(/^.{20,128}$/)
  })
})
