import * as z from 'zod'
import {
  arnOf,
  because,
  cfnNumber,
  inert,
  inertProperties,
  physicalName,
  resourceType,
} from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { Lambda } from './lambda.ts'

const asset = z.strictObject({ S3Bucket: z.string(), S3Key: z.string() })
const inline = z.strictObject({ ZipFile: z.string() })

const properties = z.strictObject({
  FunctionName: z.string().optional(),
  Code: z.union([asset, inline], {
    error: 'expected S3Bucket and S3Key of an asset, or ZipFile with source text; images are not supported',
  }),
  Handler: z.string(),
  Runtime: z.string().regex(/^nodejs\d+\.x$/, 'only nodejs runtimes are supported'),
  PackageType: z.literal('Zip').optional(),
  Timeout: cfnNumber.default(3),
  MemorySize: cfnNumber.default(128),
  ReservedConcurrentExecutions: cfnNumber.optional(),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.coerce.string()).default({}) }).optional(),
  LoggingConfig: z
    .strictObject({
      LogGroup: z.string().optional(),
      ...inertProperties(
        'lines are stored as the function prints them',
        'LogFormat',
        'ApplicationLogLevel',
        'SystemLogLevel',
      ),
    })
    .optional(),
  Role: z.string().optional(),
  ...inertProperties(because.naming, 'Description', 'Tags'),
  ...inertProperties(
    'functions run on the Node.js of the runtime itself',
    'Architectures',
    'RuntimeManagementConfig',
  ),
  EphemeralStorage: inert('functions use the /tmp of this machine'),
  KmsKeyArn: inert(because.encryption),
  RecursiveLoop: inert('recursive loops are not detected'),
  SnapStart: inert('SnapStart does not exist for Node.js'),
  TracingConfig: inert(because.watching),
  VpcConfig: inert('functions run in the network of this machine'),
})

type Properties = z.output<typeof properties>

export const lambdaFunction = resourceType({
  properties,
  create: (given, context: ResourceContext<Lambda>) => {
    const name = given.FunctionName ?? physicalName(context, 64)
    const arn = arnOf(context, 'lambda', `function:${name}`)
    const { code, functions } = context.api
    const taskRoot = code(
      'ZipFile' in given.Code ? { source: given.Code.ZipFile } : { assetKey: given.Code.S3Key },
    )
    const logGroupName = given.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`
    functions.register({
      name,
      arn,
      taskRoot,
      handler: given.Handler,
      declared: given.Environment?.Variables ?? {},
      ...(given.Role !== undefined && { roleArn: given.Role }),
      environment: environmentOf(given, context, { name, taskRoot, logGroupName }),
      memoryMb: given.MemorySize,
      timeoutSeconds: given.Timeout,
      reservedConcurrency: given.ReservedConcurrentExecutions,
      logGroupName,
    })
    context.api.warm(name)
    return { ref: name, attributes: { Arn: arn } }
  },
})

/** The variables that Lambda sets win over those of the template, as they are reserved there. */
function environmentOf(
  { Environment, Runtime, Handler, MemorySize, Role }: Properties,
  { api, clientEnvironment, region }: ResourceContext<Lambda>,
  { name, taskRoot, logGroupName }: { name: string; taskRoot: string; logGroupName: string },
) {
  return {
    ...clientEnvironment,
    ...Environment?.Variables,
    ...api.extraEnvironment,
    ...api.iam.credentialsOf(Role, name),
    _HANDLER: Handler,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${Runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName,
    LAMBDA_TASK_ROOT: taskRoot,
  }
}
