import { join } from 'node:path'
import { jsonLimits } from '../../http/json-service.ts'
import { defineService } from '../../service.ts'
import { arnOf } from '../../template/resource-type.ts'
import { dynamodbAccess } from './access.ts'
import { largestDynamodbBody, openDynamodb } from './dynamodb.ts'
import { dynamodbTarget } from './handle-request.ts'
import { dynamodbGlobalTable, dynamodbTable } from './table.ts'

/** DynamoDB. */
export const dynamodb = defineService({
  name: 'dynamodb',
  resourceTypes: { 'AWS::DynamoDB::GlobalTable': dynamodbGlobalTable, 'AWS::DynamoDB::Table': dynamodbTable },
  durableData: {
    inventory: 'tables',
    noun: 'table',
    resourceTypes: ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'],
    file: 'dynamodb/tables.sqlite',
    path: 'dynamodb/tables.sqlite',
  },
  open: ({ data, region, accountId, strict }) => {
    const tables = openDynamodb(join(data, 'dynamodb'), region, strict?.throttles)
    return {
      api: tables,
      endpoint: {
        handle: tables.handle,
        maxBodyBytes: largestDynamodbBody,
        refuse: jsonLimits.refuse,
        signedAs: 'dynamodb',
        target: dynamodbTarget,
        access: dynamodbAccess((table) => arnOf({ region, accountId }, 'dynamodb', `table/${table}`)),
      },
      environment: (gateway) => ({ AWS_ENDPOINT_URL_DYNAMODB: gateway }),
      has: tables.hasTable,
      close: tables.close,
    }
  },
})
