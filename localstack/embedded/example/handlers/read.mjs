import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'

const dynamodb = new DynamoDBClient({})

export async function handler({ pathParameters: { thermometer } }) {
  const Key = { thermometer: { S: thermometer } }
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: process.env.TABLE, Key }))
  if (Item === undefined) return { statusCode: 404, body: JSON.stringify({ message: 'Not found' }) }
  return { statusCode: 200, body: JSON.stringify({ thermometer, celsius: Number(Item.celsius.N) }) }
}
