import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'

const dynamodb = new DynamoDBClient({})

/** Keeps the latest reading of each thermometer: `{"thermometer":"attic","celsius":21.5}`. */
export async function handler({ Records: records }) {
  for (const { kinesis } of records) {
    try {
      const { thermometer, celsius } = JSON.parse(Buffer.from(kinesis.data, 'base64').toString())
      const Item = { thermometer: { S: thermometer }, celsius: { N: String(celsius) } }
      await dynamodb.send(new PutItemCommand({ TableName: process.env.TABLE, Item }))
    } catch (error) {
      console.error(`Record ${kinesis.sequenceNumber} failed: ${error.message}`)
      return { batchItemFailures: [{ itemIdentifier: kinesis.sequenceNumber }] }
    }
  }
  return { batchItemFailures: [] }
}
