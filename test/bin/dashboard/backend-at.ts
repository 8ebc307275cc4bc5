import type { Server } from 'node:net'

import { openAlerts } from '../../../bin/stage/alerts/call-alerts.ts'
import { openJobs } from '../../../bin/stage/jobs/call-jobs.ts'
import type { Backend } from '../../../bin/dashboard/backend.ts'

const NO_FIGURES = {
  metrics: {
    ticksPerSecond: 0,
    ticksTotal: 0,
    late: 0,
    rejected: 0,
    duplicates: 0,
    missing: 0,
    bars: 0,
    revised: 0,
    incomplete: 0,
  },
  lag: [],
  latency: { bar: { p50: null, p99: null } },
}

/** A deployment whose APIs a server of the test answers as, without streams and buckets; its flags are recorded. */
export function backendAt(port: number, recorded: string[] = []): Backend {
  return {
    stage: 'local',
    version: '0.0.0',
    api: { url: `http://127.0.0.1:${port}/stage`, key: 'the-api-key' },
    webSocketUrl: `ws://127.0.0.1:${port}/socket`,
    flags: {
      list: async () => new Map(),
      set: async (name, value) => void recorded.push(`${name} ${value}`),
    },
    figures: () => NO_FIGURES,
    jobs: openJobs({ stage: 'local', environment: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` } }),
    alerts: openAlerts({ stage: 'local', environment: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` } }),
    withDeadLetters: () => Promise.reject(new Error('no bucket')),
    actions: { record: (what) => void recorded.push(what), list: () => [] },
  }
}

/** The port that a server listens on. */
export function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
