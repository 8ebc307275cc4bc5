import * as z from 'zod'
import type { DeployedResource } from '../deploy.ts'
import { readState, writeState } from './state-file.ts'

const schema = z.object({
  streams: z.array(z.string()),
  tables: z.array(z.string()),
  secrets: z.array(z.string()),
})

/** Physical ids of what holds data that nothing could make again. */
export type Inventory = Readonly<z.infer<typeof schema>>

/** What the last start that came to its end had made; undefined where none did. */
export const readInventory = (file: string): Inventory | undefined => readState(file, schema)

/** Notes what has been made, so that the next start tells what is gone from what was never there. */
export const writeInventory = (file: string, resources: readonly DeployedResource[]): void => {
  const idsOf = (...types: readonly string[]) =>
    resources.filter(({ type }) => types.includes(type)).map(({ physicalId }) => physicalId)
  writeState(file, {
    streams: idsOf('AWS::Kinesis::Stream'),
    tables: idsOf('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'),
    secrets: idsOf('AWS::SecretsManager::Secret'),
  } satisfies Inventory)
}
