import { firingListSchema, firingViewSchema } from '../../../functions/alerter/firing.ts'
import { testResultSchema } from '../../../functions/alerter/manage-alerts.ts'
import { newRuleSchema, ruleListSchema, ruleViewSchema } from '../../../functions/alerter/rule.ts'
import { printLine, printText } from '../../terminal/print.ts'
import { table } from '../../terminal/table.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { whoAsks } from '../jobs/commands.ts'
import { askedOf, openAlerts } from './call-alerts.ts'

const PATH = '/v1/alerts'

type Printed = { readonly json?: boolean }

/** Prints the rules, one a line. */
export async function listRules(deployed: DeployedStage, { json }: Printed): Promise<number> {
  const { rules } = await askedOf(openAlerts(deployed), request('GET', PATH), ruleListSchema)
  if (json === true) return printed(JSON.stringify(rules, null, 2))
  const rows = rules.map(({ id, condition, symbols, to, created_by: by }) => [
    id,
    condition,
    symbols === '*' ? 'all' : symbols.join(','),
    to,
    by,
  ])
  printText(table(['id', 'condition', 'symbols', 'to', 'by'], rows))
  return 0
}

export type AddOptions = {
  readonly symbols?: string
  readonly to: string
  readonly name?: string
  readonly maxAge?: number
}

/** Adds a rule, and prints its secret, once, where its messages go to a webhook. */
export async function addRule(
  deployed: DeployedStage,
  condition: string,
  { symbols = '*', to, name, maxAge }: AddOptions,
): Promise<number> {
  const rule = {
    condition,
    to,
    symbols: symbols === '*' ? symbols : symbols.split(',').map((each) => each.trim()),
    ...(name !== undefined && { name }),
    ...(maxAge !== undefined && { max_age_minutes: maxAge }),
  }
  const asked = { ...request('POST', PATH), body: JSON.stringify(rule) }
  const { id, secret } = await askedOf(openAlerts(deployed), asked, newRuleSchema)
  printLine(`rule    ${id}`)
  if (secret === null) return 0
  printLine(`secret  ${secret}`)
  printLine('Keep the secret: the receiver verifies signatures with it, and nobody can show it again.')
  return 0
}

/** Removes a rule. */
export async function removeRule(deployed: DeployedStage, id: string): Promise<number> {
  const asked = request('DELETE', `${PATH}/${encodeURIComponent(id)}`)
  const { condition } = await askedOf(openAlerts(deployed), asked, ruleViewSchema)
  return printed(`removed ${id}: ${condition}`)
}

/** Sends the receiver of a rule a message of type alert.test. */
export async function testRule(deployed: DeployedStage, id: string): Promise<number> {
  const asked = request('POST', `${PATH}/${encodeURIComponent(id)}/test`)
  const { delivered, detail } = await askedOf(openAlerts(deployed), asked, testResultSchema)
  printLine(`${delivered ? 'delivered' : 'not delivered'}: ${detail}`)
  return delivered ? 0 : 1
}

const LISTED = 20

/** Prints the newest firings, one a line. */
export async function listFirings(
  deployed: DeployedStage,
  { json, limit = LISTED }: Printed & { readonly limit?: number },
): Promise<number> {
  const asked = { ...request('GET', `${PATH}/firings`), query: { limit: String(limit) } }
  const { firings } = await askedOf(openAlerts(deployed), asked, firingListSchema)
  if (json === true) return printed(JSON.stringify(firings, null, 2))
  const rows = firings.map((each) => [
    each.id,
    each.symbol,
    each.condition,
    String(each.revision),
    each.delivery,
    String(each.attempts),
    each.last_error ?? '',
  ])
  printText(table(['id', 'symbol', 'condition', 'revision', 'delivery', 'attempts', 'last error'], rows))
  return 0
}

/** Delivers a firing again whose delivery has failed. */
export async function retryFiring(deployed: DeployedStage, id: string): Promise<number> {
  const asked = request('POST', `${PATH}/firings/${encodeURIComponent(id)}/retry`)
  await askedOf(openAlerts(deployed), asked, firingViewSchema)
  return printed(`${id} is delivered again within a minute`)
}

function request(method: 'GET' | 'POST' | 'DELETE', path: string) {
  return { method, path, by: whoAsks() }
}

function printed(text: string): number {
  printText(`${text}\n`)
  return 0
}
