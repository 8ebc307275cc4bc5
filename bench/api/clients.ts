import { Agent, request } from 'node:http'
import { setTimeout } from 'node:timers/promises'

export type Load = {
  readonly clients: number
  readonly seconds: number
  /** Milliseconds from the start of a client's request to that of its next; 0: as soon as it has the answer. */
  readonly everyMs: number
  /** The target of a client's n-th request. */
  readonly target: (client: number, n: number) => string
}

export type Latencies = {
  readonly requests: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

/** Lets so many clients ask at once, each on a connection of its own. @throws when an answer is not 200 */
export async function runClients(
  port: number,
  { clients, seconds, everyMs, target }: Load,
): Promise<Latencies> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const milliseconds: number[] = []
  const started = performance.now()
  const end = started + seconds * 1000
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      // Clients do not beat as one.
      await setTimeout((everyMs * client) / clients)
      for (let n = 0; performance.now() < end; n++) {
        const asked = performance.now()
        await get(agent, port, target(client, n))
        const took = performance.now() - asked
        milliseconds.push(took)
        if (everyMs > took) await setTimeout(everyMs - took)
      }
    }),
  )
  agent.destroy()
  const sorted = Float64Array.from(milliseconds).toSorted()
  const quantile = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return {
    requests: sorted.length,
    perSecond: (sorted.length / (performance.now() - started)) * 1000,
    p50: quantile(0.5),
    p99: quantile(0.99),
  }
}

function get(agent: Agent, port: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, agent }, (response) => {
      response.resume()
      response.on('end', () => {
        if (response.statusCode === 200) resolve()
        else reject(new Error(`${path} was answered ${response.statusCode}`))
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}
