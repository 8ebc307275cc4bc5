import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'

import { type Rule, ruleSchema } from './rule.ts'
import { keyOf, readAll, readItem, removeItem, type Item } from './table-items.ts'

/** The rules of a deployment. */
export type RuleStore = {
  add(rule: Rule): Promise<void>
  /** The oldest first. */
  list(): Promise<readonly Rule[]>
  read(id: string): Promise<Rule | undefined>
  /** False when there is none. */
  remove(id: string): Promise<boolean>
}

export function createRuleStore(client: DynamoDBClient, table: string): RuleStore {
  return {
    add: async (rule) => {
      const Item = { ...keyOf('rule', rule.id), text: { S: JSON.stringify(rule) } }
      await client.send(new PutItemCommand({ TableName: table, Item }))
    },
    list: async () => {
      const rules: Rule[] = []
      for await (const item of readAll(client, table, { kind: 'rule' })) rules.push(ruleOf(item))
      return rules
    },
    read: async (id) => {
      const item = await readItem(client, table, ['rule', id])
      return item && ruleOf(item)
    },
    remove: async (id) => await removeItem(client, table, ['rule', id]),
  }
}

function ruleOf(item: Item): Rule {
  return ruleSchema.parse(JSON.parse(item['text']?.S ?? ''))
}
