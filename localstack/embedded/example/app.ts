import { fileURLToPath } from 'node:url'
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway'
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Stream } from 'aws-cdk-lib/aws-kinesis'
import { Code, Function as LambdaFunction, Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { KinesisEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'

const handlers = fileURLToPath(new URL('handlers', import.meta.url))

/** Thermometers put readings to a stream; an API gives the latest reading of each. */
class ThermometerStack extends Stack {
  constructor(app: App) {
    super(app, 'Thermometers')
    const readings = new Stream(this, 'Readings', { shardCount: 1, removalPolicy: RemovalPolicy.DESTROY })
    const latest = new TableV2(this, 'Latest', {
      partitionKey: { name: 'thermometer', type: AttributeType.STRING },
      removalPolicy: RemovalPolicy.DESTROY,
    })

    const store = this.#handler('Store', 'store.handler', latest)
    latest.grantWriteData(store)
    store.addEventSource(
      new KinesisEventSource(readings, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        reportBatchItemFailures: true,
      }),
    )

    const read = this.#handler('Read', 'read.handler', latest)
    latest.grantReadData(read)
    const api = new RestApi(this, 'Api', { cloudWatchRole: false })
    api.root
      .addResource('thermometers')
      .addResource('{thermometer}')
      .addMethod('GET', new LambdaIntegration(read))

    new CfnOutput(this, 'StreamName', { value: readings.streamName })
    new CfnOutput(this, 'ApiUrl', { value: api.url })
  }

  #handler(id: string, handler: string, table: TableV2): LambdaFunction {
    return new LambdaFunction(this, id, {
      runtime: Runtime.NODEJS_24_X,
      handler,
      code: Code.fromAsset(handlers),
      environment: { TABLE: table.tableName },
    })
  }
}

/** Writes the cloud assembly, as `cdk synth` does, and gives its folder. */
export function synthesize(outdir: string): string {
  const app = new App({ outdir, analyticsReporting: false })
  new ThermometerStack(app)
  return app.synth().directory
}
