import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { CfnOutput, Duration } from 'aws-cdk-lib'
import type { Stack } from 'aws-cdk-lib'
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets'
import { Stream } from 'aws-cdk-lib/aws-kinesis'
import { StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { KinesisEventSource, S3OnFailureDestination } from 'aws-cdk-lib/aws-lambda-event-sources'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { StringParameter } from 'aws-cdk-lib/aws-ssm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startRuntime } from './index.ts'
import type { FunctionLogLine, Runtime, RuntimeOptions } from './index.ts'
import { assemblyOf, eventually, temporaryFolder } from './testing/helpers.ts'
import { inlineFunction, synthesize } from './testing/synthesize.ts'

async function start(options: Partial<RuntimeOptions> & { assembly: string }): Promise<Runtime> {
  const runtime = await startRuntime({ data: join(temporaryFolder(), 'data'), ...options })
  onTestFinished(() => runtime.stop())
  return runtime
}

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
function clientOf({ endpoint }: Runtime) {
  return { endpoint, region: 'us-east-1', credentials }
}

/** in -> counter -> table and out -> printer */
function pipeline(stack: Stack): void {
  const input = new Stream(stack, 'In', { shardCount: 2 })
  const output = new Stream(stack, 'Out', { streamName: 'out' })
  const failures = new Bucket(stack, 'Failures')
  const table = new TableV2(stack, 'Words', { partitionKey: { name: 'word', type: AttributeType.STRING } })
  const counter = inlineFunction(stack, 'Counter', {
    environment: { TABLE: table.tableName, OUT: output.streamName },
    source: `
      import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
      import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis'
      import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
      const dynamodb = new DynamoDBClient({})
      const kinesis = new KinesisClient({ requestHandler: new NodeHttpHandler() })
      export const handler = async ({ Records }) => {
        const words = Records.map(({ kinesis: { data } }) => Buffer.from(data, 'base64').toString())
        if (words.includes('poison')) throw new Error('poison')
        for (const word of words) {
          await dynamodb.send(new UpdateItemCommand({
            TableName: process.env.TABLE, Key: { word: { S: word } },
            UpdateExpression: 'ADD seen :one', ExpressionAttributeValues: { ':one': { N: '1' } },
          }))
          await kinesis.send(new PutRecordCommand({
            StreamName: process.env.OUT, PartitionKey: word, Data: Buffer.from(word.toUpperCase()),
          }))
        }
      }`,
  })
  counter.addEventSource(
    new KinesisEventSource(input, {
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 10,
      bisectBatchOnError: true,
      retryAttempts: 1,
      onFailure: new S3OnFailureDestination(failures),
    }),
  )
  table.grantReadWriteData(counter)
  output.grantWrite(counter)
  const printer = inlineFunction(stack, 'Printer', {
    source: `export const handler = async ({ Records }) => {
      for (const { kinesis } of Records) console.log('saw ' + Buffer.from(kinesis.data, 'base64'))
    }`,
  })
  printer.addEventSource(new KinesisEventSource(output, { startingPosition: StartingPosition.TRIM_HORIZON }))
  new CfnOutput(stack, 'InputName', { value: input.streamName })
}

async function put(runtime: Runtime, words: readonly string[]): Promise<void> {
  const kinesis = new KinesisClient({ ...clientOf(runtime), requestHandler: new NodeHttpHandler() })
  const Records = words.map((word) => ({ Data: Buffer.from(word), PartitionKey: word }))
  await kinesis.send(new PutRecordsCommand({ StreamName: runtime.outputs['InputName'], Records }))
  kinesis.destroy()
}

async function counts(runtime: Runtime): Promise<Record<string, string | undefined>> {
  const dynamodb = new DynamoDBClient(clientOf(runtime))
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: runtime.resource(/^Words/) }))
  dynamodb.destroy()
  return Object.fromEntries(Items.map(({ word, seen }) => [word?.S ?? '', seen?.N]))
}

describe('embedded runtime', () => {
  test('runs stream, function, table, stream and function, and goes on after a restart', async () => {
    const assembly = synthesize(pipeline)
    const data = temporaryFolder()
    const lines: FunctionLogLine[] = []
    const onLog = (line: FunctionLogLine) => line.stream === 'stdout' && lines.push(line)
    const first = await startRuntime({ assembly, data, onLog })
    await put(first, ['one', 'two', 'two', 'poison'])
    await first.idle()
    await eventually('three lines of the printer', () => lines.length === 3)
    expect(lines).toContainEqual({ functionName: 'printer', stream: 'stdout', text: 'saw ONE' })
    expect(await counts(first)).toEqual({ one: '1', two: '2' })
    const failures = new S3Client(clientOf(first))
    const { Contents } = await failures.send(
      new ListObjectsV2Command({ Bucket: first.resource(/^Failures/) }),
    )
    expect(Contents).toHaveLength(1)
    failures.destroy()
    expect(first.lag().map(({ records }) => records)).toEqual([0, 0])
    expect((await first.functions())['counter']?.errors).toBeGreaterThan(0)
    await first.stop()

    const second = await start({ assembly, data, onLog })
    await put(second, ['two', 'three'])
    await second.idle()
    expect(await counts(second)).toEqual({ one: '1', two: '3', three: '1' })
  })

  test('reshards a stream whose ShardCount has changed: nothing is lost, nothing comes again, each key in order', async () => {
    const data = temporaryFolder()
    // Not by lines of the log, which come in any order of several workers, and not all of one that is stopped.
    const file = join(temporaryFolder(), 'seen')
    const keys = Array.from({ length: 12 }, (_, index) => `KEY${index}`)
    const assembly = (shardCount: number, reads: 'on' | 'off') =>
      synthesize((stack) => {
        const input = new Stream(stack, 'In', { streamName: 'in', shardCount })
        const printer = inlineFunction(stack, 'Printer', {
          environment: { READS: reads, FILE: file },
          source: `import { appendFileSync } from 'node:fs'
          export const handler = async ({ Records }) => {
            if (process.env.READS === 'off') throw new Error('off')
            for (const { kinesis } of Records)
              appendFileSync(process.env.FILE, kinesis.partitionKey + ' ' + Buffer.from(kinesis.data, 'base64') + '\\n')
          }`,
        })
        printer.addEventSource(
          new KinesisEventSource(input, { startingPosition: StartingPosition.TRIM_HORIZON, batchSize: 7 }),
        )
      })
    const openShards = ({ streams }: Runtime) => streams.listShards('in').filter(({ closed }) => !closed)
    const run = async (shards: number, reads: 'on' | 'off', numbers: readonly number[]) => {
      const runtime = await startRuntime({ assembly: assembly(shards, reads), data })
      for (const number of numbers)
        runtime.streams.putRecords(
          'in',
          keys.map((partitionKey) => ({ partitionKey, data: Buffer.from(String(number)) })),
        )
      if (reads === 'on') await runtime.idle()
      expect(openShards(runtime)).toHaveLength(shards)
      await runtime.stop()
    }
    await run(2, 'on', [1, 2, 3])
    await run(2, 'off', [4, 5, 6])
    await run(4, 'off', [7, 8, 9])
    await run(3, 'on', [10, 11, 12])
    const seen = readFileSync(file, 'utf8').trimEnd().split('\n')
    const numbersOf = (wanted: string) =>
      seen
        .map((line) => line.split(' '))
        .filter(([key]) => key === wanted)
        .map(([, number]) => Number(number))
    expect(Object.fromEntries(keys.map((key) => [key, numbersOf(key)]))).toEqual(
      Object.fromEntries(keys.map((key) => [key, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]])),
    )
    await expect(start({ assembly: assembly(7, 'on'), data })).rejects.toThrow(
      /^In\w+ \(AWS::Kinesis::Stream\): Stream in has 3 open shards and cannot get 7 at once/,
    )
    await run(3, 'on', [])
  })

  test('fires a schedule at the start of the minute', async () => {
    let now = Date.parse('2026-01-01T00:00:30Z')
    let due: { at: number; callback: () => void } | undefined
    const clock = {
      now: () => now,
      after: (milliseconds: number, callback: () => void) => {
        due = { at: now + milliseconds, callback }
        return () => undefined
      },
    }
    const lines: string[] = []
    await start({
      clock,
      onLog: ({ text }) => lines.push(text),
      assembly: synthesize((stack) => {
        const source = `export const handler = async (event) => console.log(JSON.stringify(event))`
        const target = inlineFunction(stack, 'Sweeper', { source })
        const event = RuleTargetInput.fromObject({ sweep: 1 })
        const schedule = Schedule.rate(Duration.minutes(1))
        new Rule(stack, 'Each', { schedule, targets: [new FunctionTarget(target, { event })] })
        new Rule(stack, 'Plain', { schedule, targets: [new FunctionTarget(target)] })
        const nightly = Schedule.cron({ hour: '3', minute: '0' })
        new Rule(stack, 'Nightly', { schedule: nightly, targets: [new FunctionTarget(target)] })
      }),
    })
    expect(due?.at).toBe(Date.parse('2026-01-01T00:01:00Z'))
    now = due?.at ?? 0
    due?.callback()
    await eventually('two lines', () => lines.length === 2)
    expect(lines).toContain('{"sweep":1}')
    expect(lines.join('')).toContain('"time":"2026-01-01T00:01:00Z"')
  })

  test('keeps generated secrets, and resolves references to secrets and parameters', async () => {
    const assembly = synthesize((stack) => {
      const secret = new Secret(stack, 'Login', {
        generateSecretString: {
          secretStringTemplate: JSON.stringify({ username: 'app' }),
          generateStringKey: 'password',
          excludePunctuation: true,
        },
      })
      new StringParameter(stack, 'Colour', { parameterName: '/colour', stringValue: 'blue' })
      inlineFunction(stack, 'Env', {
        source: `export const handler = async () => process.env`,
        environment: {
          PASSWORD: secret.secretValueFromJson('password').unsafeUnwrap(),
          COLOUR: '{{resolve:ssm:/colour}}',
          SECRET: secret.secretArn,
        },
      }).node.addDependency(stack.node.findChild('Colour'))
    })
    const data = temporaryFolder()
    const read = async () => {
      const runtime = await start({ assembly, data, environment: { EXTRA: 'yes' } })
      const result = await runtime.invoke('env', {})
      const secret = runtime.secretValue(runtime.resource(/^Login/))
      await runtime.stop()
      return {
        secret: JSON.parse(secret),
        env: result.type === 'success' ? result.payload : expect.fail('error'),
      }
    }
    const first = await read()
    expect(first.secret).toEqual({ username: 'app', password: expect.stringMatching(/^[A-Za-z\d]{32}$/) })
    expect(first.env).toMatchObject({
      PASSWORD: first.secret.password,
      COLOUR: 'blue',
      EXTRA: 'yes',
      AWS_LAMBDA_FUNCTION_NAME: 'env',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      _HANDLER: 'index.handler',
    })
    expect(first.env).not.toHaveProperty('PATH')
    expect((await read()).secret).toEqual(first.secret)
  })

  test('names an unknown resource type, an unknown property and a wrong property', async () => {
    const failing = (type: string, properties: Record<string, unknown>) =>
      start({ assembly: assemblyOf({ Resources: { Odd: { Type: type, Properties: properties } } }) })
    await expect(failing('AWS::SQS::Queue', {})).rejects.toThrow(
      /^Odd is of type AWS::SQS::Queue, which is not supported. Supported: .*AWS::Kinesis::Stream/,
    )
    await expect(failing('AWS::Kinesis::Stream', { Shards: 1 })).rejects.toThrow(
      'Odd (AWS::Kinesis::Stream) cannot run here: property Shards is not supported',
    )
    const misses = async (type: string, properties: Record<string, unknown>, path: string) =>
      expect(failing(type, properties)).rejects.toThrow(`property ${path} is not supported`)
    const table = {
      AttributeDefinitions: [{ AttributeName: 'word', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'word', KeyType: 'HASH' }],
    }
    await misses(
      'AWS::DynamoDB::Table',
      { ...table, KinesisStreamSpecification: { StreamArn: 'x' } },
      'KinesisStreamSpecification',
    )
    await misses('AWS::S3::Bucket', { CorsConfiguration: {} }, 'CorsConfiguration')
    await misses('AWS::SSM::Parameter', { Type: 'String', Value: 'x', Policies: '[]' }, 'Policies')
    await misses('AWS::ApiGateway::ApiKey', { StageKeys: [] }, 'StageKeys')
    await misses(
      'AWS::ApiGateway::UsagePlan',
      { Quota: { Limit: 1, Period: 'DAY', Offset: 1 } },
      'Quota.Offset',
    )
    await expect(
      failing('AWS::Kinesis::Stream', { ShardCount: 2, StreamModeDetails: { StreamMode: 'ON_DEMAND' } }),
    ).rejects.toThrow('ShardCount is for the StreamMode PROVISIONED only')
    await expect(failing('AWS::Kinesis::Stream', { RetentionPeriodHours: 5 })).rejects.toThrow(
      /property RetentionPeriodHours/,
    )
    await expect(failing('AWS::Kinesis::Stream', { ShardCount: 'many' })).rejects.toThrow(
      /property ShardCount/,
    )
    await expect(failing('AWS::Kinesis::Stream', { Name: { 'Fn::Cidr': [] } })).rejects.toThrow(
      /^Odd \(AWS::Kinesis::Stream\): Intrinsic function Fn::Cidr is not supported/,
    )
  })

  test('refuses a data folder and a port in use, and says which', async () => {
    const assembly = synthesize((stack) => void new Stream(stack, 'In'))
    const data = temporaryFolder()
    const runtime = await start({ assembly, data })
    await expect(start({ assembly, data })).rejects.toThrow(`in use by process ${process.pid}`)
    const port = Number(new URL(runtime.endpoint).port)
    await expect(start({ assembly, port })).rejects.toThrow(`Port ${port} is in use`)
    const health = await fetch(`${runtime.endpoint}/_health`)
    expect(await health.json()).toEqual({ status: 'running', stack: 'Small', lag: [] })
  })
})
