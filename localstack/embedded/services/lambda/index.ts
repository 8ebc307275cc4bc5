import { join } from 'node:path'
import type { FunctionLogLine } from '../../log-line.ts'
import { defineService } from '../../service.ts'
import { because } from '../../template/resource-type.ts'
import { withoutEffect } from '../../template/without-effect.ts'
import { logs } from '../logs/index.ts'
import { createAsynchronousInvoker } from './asynchronous-invocation.ts'
import { openCodeStore } from './code-store.ts'
import { lambdaAlias, lambdaEventInvokeConfig, lambdaVersion } from './configuration.ts'
import { createFunctionHost } from './function-host.ts'
import { lambdaFunction } from './function.ts'
import { lambdaApi, lambdaLimits, lambdaPath } from './lambda-api.ts'
import type { Lambda } from './lambda.ts'

const lambdaPermission = withoutEffect(because.access, [
  'Action',
  'EventSourceToken',
  'FunctionName',
  'FunctionUrlAuthType',
  'InvokedViaFunctionUrl',
  'Principal',
  'PrincipalOrgID',
  'SourceAccount',
  'SourceArn',
])

/** Lambda: functions, run in worker threads. What feeds them from streams is a service of its own. */
export const lambda = defineService<Lambda>({
  name: 'lambda',
  resourceTypes: {
    'AWS::Lambda::Alias': lambdaAlias,
    'AWS::Lambda::EventInvokeConfig': lambdaEventInvokeConfig,
    'AWS::Lambda::Function': lambdaFunction,
    'AWS::Lambda::Permission': lambdaPermission,
    'AWS::Lambda::Version': lambdaVersion,
  },
  open: (context) => {
    const log = logs.of(context)
    const onLine = (line: FunctionLogLine): void => {
      log.append(functions.definition(line.functionName).logGroupName, line.text)
      context.onLog(line)
    }
    const functions = createFunctionHost(onLine, {
      affinity: context.affinity,
      ...(context.workersForShards !== undefined && { rules: { forShards: context.workersForShards } }),
    })
    const asynchronous = createAsynchronousInvoker(functions.invoke, context.clock)
    const warming: Promise<void>[] = []
    const code = openCodeStore(join(context.data, 'code'), context)
    const handle = lambdaApi(functions, { send: asynchronous.send })
    return {
      api: {
        functions,
        asynchronous,
        code: code.folder,
        warm: (name) => {
          if (context.isWarm(name)) warming.push(functions.warm(name))
        },
        extraEnvironment: context.functionEnvironment,
      },
      endpoint: {
        ...lambdaLimits,
        handle,
        signedAs: 'lambda',
        takesPath: (path) => path.startsWith(lambdaPath),
      },
      environment: (gateway) => ({ AWS_ENDPOINT_URL_LAMBDA: gateway }),
      start: async () => {
        code.prune()
        await Promise.all(warming)
      },
      stop: async () => {
        await asynchronous.stop()
        await functions.stop()
      },
    }
  },
})
