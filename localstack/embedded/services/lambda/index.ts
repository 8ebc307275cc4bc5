import { join } from 'node:path'
import type { FunctionLogLine } from '../../log-line.ts'
import { defineService } from '../../service.ts'
import { arnOf } from '../../template/resource-type.ts'
import { iam } from '../iam/index.ts'
import { logs } from '../logs/index.ts'
import { createAsynchronousInvoker } from './asynchronous-invocation.ts'
import { openCodeStore } from './code-store.ts'
import { lambdaAlias, lambdaEventInvokeConfig, lambdaVersion } from './configuration.ts'
import { createFunctionLog } from './function-log.ts'
import { createFunctionHost } from './function-host.ts'
import { lambdaFunction } from './function.ts'
import { lambdaAccess, lambdaApi, lambdaLimits, lambdaPath } from './lambda-api.ts'
import type { Lambda } from './lambda.ts'
import { lambdaPermission } from './permission.ts'

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
    const access = iam.of(context)
    const log = createFunctionLog(logs.of(context), { access, context })
    const onLine = (line: FunctionLogLine): void => {
      log.append(functions.definition(line.functionName), line.text)
      context.onLog(line)
    }
    const functions = createFunctionHost(onLine, {
      affinity: context.affinity,
      ...(context.strict && { strict: context.strict }),
      clocks: context.clocks,
      refuse: async (name, { service, sourceArn }) => {
        const resource = arnOf(context, 'lambda', `function:${name}`)
        const asked = { action: 'lambda:InvokeFunction', resource, sourceArn }
        const message = await access.refusalOfService(service, asked)
        if (message !== undefined) onLine({ functionName: name, stream: 'host', text: `error ${message}` })
        return message
      },
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
        iam: access,
        extraEnvironment: context.functionEnvironment,
      },
      endpoint: {
        ...lambdaLimits,
        handle,
        signedAs: 'lambda',
        access: lambdaAccess(arnOf(context, 'lambda', 'function:')),
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
