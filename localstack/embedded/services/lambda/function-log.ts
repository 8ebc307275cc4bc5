import { arnOf } from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { Iam } from '../iam/iam.ts'
import type { LogStore } from '../logs/log-store.ts'
import type { FunctionDefinition } from './function-sandbox.ts'

/** Keeps what functions print, where their roles may write it: without a sign of what is lost, as on AWS. */
export type FunctionLog = { readonly append: (definition: FunctionDefinition, text: string) => void }

export function createFunctionLog(
  store: Pick<LogStore, 'append'>,
  {
    access,
    context,
  }: {
    readonly access: Pick<Iam, 'refusalOfFunction'>
    readonly context: Pick<ResourceContext, 'region' | 'accountId'>
  },
): FunctionLog {
  const allowed = new Map<string, Promise<boolean>>()
  const ask = async (definition: FunctionDefinition): Promise<boolean> => {
    const { name, logGroupName } = definition
    const resource = arnOf(context, 'logs', `log-group:${logGroupName}:log-stream:${name}`)
    const actions = ['logs:CreateLogStream', 'logs:PutLogEvents']
    const accesses = actions.map((action) => ({ action, resource }))
    return (await access.refusalOfFunction(definition, accesses)) === undefined
  }
  return {
    append: (definition, text) => {
      const { name, logGroupName } = definition
      const mayAppend = allowed.get(name) ?? ask(definition)
      allowed.set(name, mayAppend)
      void mayAppend.then((may) => {
        if (may) store.append(logGroupName, text)
      })
    },
  }
}
