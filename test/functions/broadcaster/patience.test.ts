import type {
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'
import { describe, expect, it } from 'vitest'

import { createConnections } from '../../../functions/broadcaster/connections.ts'
import { LIVE_PATIENCE, Patience } from '../../../functions/broadcaster/patience.ts'

const TIMED_OUT = Object.assign(new Error('no answer in time'), { name: 'TimeoutError' })

type Post = {
  readonly id: string
  readonly limitMs: number
  answer(attempts?: number): void
  timeOut(): void
}

/** API Gateway, whose posts are answered, or time out, when a test says so. */
function gateway(patience: Patience) {
  const posts: Post[] = []
  const client = {
    send: (
      command: PostToConnectionCommand | DeleteConnectionCommand,
      { requestTimeout = 0 }: { readonly requestTimeout?: number } = {},
    ): Promise<{ readonly $metadata: { readonly attempts?: number } }> =>
      new Promise((resolve, reject) => {
        posts.push({
          id: command.input.ConnectionId ?? '',
          limitMs: requestTimeout,
          answer: (attempts = 1) => resolve({ $metadata: { attempts } }),
          timeOut: () => reject(TIMED_OUT),
        })
      }),
  }
  return { posts, connections: createConnections(client, patience) }
}

const settled = () => new Promise((resolve) => void setImmediate(resolve))
const limitsOf = (posts: readonly Post[], id: string) =>
  posts.filter((post) => post.id === id).map(({ limitMs }) => limitMs)

describe('a post that is not answered in time', () => {
  it('fails at once where others are answered', async () => {
    const { posts, connections } = gateway(new Patience())
    const mute = connections.post('mute', '[]')
    const good = connections.post('good', '[]')
    posts[1]?.answer()
    expect(await good).toEqual({ type: 'sent' })
    posts[0]?.timeOut()
    expect(await mute).toEqual({ type: 'failed', error: TIMED_OUT })
    expect(limitsOf(posts, 'mute')).toEqual([1000])
  })

  it('gets longer once where nobody is answered', async () => {
    const { posts, connections } = gateway(new Patience())
    const both = ['A', 'B'].map((id) => connections.post(id, '[]'))
    for (const post of posts.slice(0, 2)) post.timeOut()
    await settled()
    expect([limitsOf(posts, 'A'), limitsOf(posts, 'B')]).toEqual([
      [1000, 3000],
      [1000, 3000],
    ])
    posts[2]?.answer()
    posts[3]?.timeOut()
    expect(await Promise.all(both)).toEqual([{ type: 'sent' }, { type: 'failed', error: TIMED_OUT }])
    expect(posts).toHaveLength(4)
  })

  it('fails at once where it is live', async () => {
    const patience = new Patience(LIVE_PATIENCE)
    patience.answered(900)
    const { posts, connections } = gateway(patience)
    const alone = connections.post('A', '[]')
    posts[0]?.timeOut()
    expect(await alone).toEqual({ type: 'failed', error: TIMED_OUT })
    expect(limitsOf(posts, 'A')).toEqual([1000])
  })

  it('gets longer where the others that are answered are slow themselves', async () => {
    const patience = new Patience()
    const { posts, connections } = gateway(patience)
    const slow = connections.post('slow', '[]')
    patience.answered(700)
    posts[0]?.timeOut()
    await settled()
    expect(limitsOf(posts, 'slow')).toEqual([1000, 2800])
    posts[1]?.answer()
    expect(await slow).toEqual({ type: 'sent' })
  })
})

describe('the time that a client may take', () => {
  it('is four times that of the slowest of the last ones, within its bounds', () => {
    const patience = new Patience()
    expect(patience.limitMs).toBe(1000)
    patience.answered(20)
    expect(patience.limitMs).toBe(1000)
    patience.answered(600)
    expect(patience.limitMs).toBe(2400)
    // What took more attempts is no measure.
    patience.answered(undefined)
    expect(patience.limitMs).toBe(2400)
    patience.answered(30_000)
    expect(patience.limitMs).toBe(5000)
    for (let count = 0; count < 50; count++) patience.answered(20)
    expect(patience.limitMs).toBe(1000)
  })

  it('does not grow by clients that never receive, however many there are', async () => {
    const { posts, connections } = gateway(new Patience())
    for (let batch = 0; batch < 20; batch++) {
      const begin = posts.length
      const sent = ['mute', 'good'].map((id) => connections.post(id, '[]'))
      posts[begin + 1]?.answer()
      await settled()
      posts[begin]?.timeOut()
      expect((await Promise.all(sent)).map(({ type }) => type)).toEqual(['failed', 'sent'])
      expect(posts).toHaveLength(begin + 2)
    }
    expect(limitsOf(posts, 'mute')).toEqual(Array.from({ length: 20 }, () => 1000))
  })
})
