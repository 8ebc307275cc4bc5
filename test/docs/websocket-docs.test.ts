import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { decide } from '../../functions/broadcaster/decide.ts'
import { MAX_SYMBOLS, NO_SUBSCRIPTIONS } from '../../functions/broadcaster/subscriptions.ts'
import { parseBarRecord } from '../../functions/shared/streams/records.ts'

const page = readFileSync(new URL('../../docs/websocket.md', import.meta.url), 'utf8')
const messages = [...page.matchAll(/^\| `({"action":"(\w+)".*?})`/gm)].map(([, text = '', action]) => ({
  text,
  action,
}))

describe('docs/websocket.md', () => {
  it('shows every action, and only what is understood', () => {
    expect(new Set(messages.map(({ action }) => action))).toEqual(
      new Set(['subscribe', 'unsubscribe', 'ping']),
    )
    for (const { text } of messages) expect(decide(NO_SUBSCRIPTIONS, text).answer.type).not.toBe('error')
  })

  it('shows the answers as they are', () => {
    const [first] = messages
    const { answer } = decide(NO_SUBSCRIPTIONS, first?.text ?? '')
    const [head = ''] = JSON.stringify(answer).split('"bar",')
    expect(page).toContain(head)
    const refused = decide(NO_SUBSCRIPTIONS, '{"action":"subscribe","symbols":"AAPL"}').answer
    expect(page).toContain(JSON.stringify(refused))
  })

  it('shows a record as it is sent, and the limit', () => {
    const [, text = ''] = /```\n\[({"type":"bar".*?})\]\n```/s.exec(page) ?? []
    expect(parseBarRecord(text)).toMatchObject({ symbol: 'AAPL', revision: 1 })
    expect(page).toContain(`may name ${MAX_SYMBOLS} symbols`)
  })
})
