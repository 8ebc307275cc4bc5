import { join } from 'node:path'
import { defineService } from '../../service.ts'
import { startDynamodb } from './dynamodb.ts'
import { dynamodbGlobalTable, dynamodbTable } from './table.ts'

/** DynamoDB, by a server of its own. */
export const dynamodb = defineService({
  name: 'dynamodb',
  resourceTypes: { 'AWS::DynamoDB::GlobalTable': dynamodbGlobalTable, 'AWS::DynamoDB::Table': dynamodbTable },
  durableData: {
    inventory: 'tables',
    noun: 'table',
    resourceTypes: ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'],
    file: 'dynamodb/CURRENT',
    path: 'dynamodb',
  },
  open: async ({ data, region }) => {
    const server = await startDynamodb(join(data, 'dynamodb'), region)
    return {
      api: server,
      endpoint: { handle: server.endpoint, signedAs: 'dynamodb', target: 'DynamoDB_20120810' },
      environment: () => ({ AWS_ENDPOINT_URL_DYNAMODB: server.endpoint }),
      has: server.hasTable,
      close: server.close,
    }
  },
})
