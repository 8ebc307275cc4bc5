import { messageOf } from 'embedded-aws/errors'

import type { Screen } from '../terminal/screen.ts'
import { ensureBuilt } from './build.ts'
import { type Dashboard, startDashboard } from './server.ts'

/**
 * Serves the dashboard and prints its address; until there is a deployment to show, requests are answered that it starts.
 *
 * @throws UsageError when the port cannot be used
 */
export async function openDashboard(port: number, screen: Screen): Promise<Dashboard> {
  const dashboard = await startDashboard({
    port,
    pages: ensureBuilt(),
    onError: (error) => screen.print(`dashboard: ${messageOf(error)}`),
  })
  screen.print(`Dashboard  ${dashboard.newAddress()}`)
  return dashboard
}
