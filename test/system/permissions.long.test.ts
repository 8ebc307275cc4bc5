import { rmSync } from 'node:fs'

import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { type AccessRequest, simulatedIam } from 'embedded-aws/simulated-iam'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { CLIENT, type OidcIssuer, startOidcIssuer } from '../support/oidc-issuer.ts'
import {
  type Grant,
  isAllowed,
  isCoveredBy,
  partOf,
  type Statement,
  statementsOf,
} from '../support/policy-statements.ts'
import { preparedData } from './support/data-folder.ts'
import { useEveryPart } from './support/use-every-part.ts'
import { waitFor } from './support/wait-for.ts'

/** What is granted and may not be used here, as `part action`, and why it is granted. */
const NOT_USED_HERE: readonly (readonly [RegExp, string])[] = [
  [/ kinesis:(SubscribeToShard|DescribeStreamConsumer)$/, 'enhanced fan-out: latency lowest'],
  [/ kinesis:ListStreams$/, 'the CDK grants it on a stream to whoever reads it, where it has no effect'],
  [/ secretsmanager:DescribeSecret$/, 'the CDK grants it to whoever reads a secret; the rotation uses it'],
  [/^(authorizer|operator) logs:/, 'they print only when something fails'],
  [/^broadcaster dynamodb:BatchGetItem$/, 'with more connections than it reads at once'],
  [/^broadcaster execute-api:ManageConnections$/, 'it closes the connection of a client that does not read'],
  [
    /^rebuilder s3:ListBucket$/,
    'of exports: with it S3 says that an object is missing, not that it is denied',
  ],
  [/^sweeper dynamodb:BatchGetItem$/, 'when a flush meets a newer state'],
]

let data: string
let issuer: OidcIssuer
let deployment: Deployment
const asked: AccessRequest[] = []
const refused: string[] = []

beforeAll(async () => {
  issuer = await startOidcIssuer()
  data = await preparedData()
  deployment = await startDeployment({
    data,
    durability: 'none',
    settings: {
      access: 'people',
      oidcIssuer: 'http://127.0.0.1:9',
      oidcClientId: CLIENT,
      archiveWindowSeconds: 0,
      alerts: 'on',
      alertTopic: 'on',
    },
    environment: { OIDC_ISSUER: issuer.url },
    iam: {
      authorize: async (request) => {
        const decision = await simulatedIam(request)
        asked.push(request)
        const { principal, action, resource } = request
        if (decision.type !== 'allowed') refused.push(`${principal} ${action} ${resource}`)
        return decision
      },
    },
  })
  const operator = { authorization: `Bearer ${await issuer.signIn('omar')}` }
  await useEveryPart({ deployment, data, operator })
})

afterAll(async () => {
  await deployment.stop()
  await issuer.stop()
  rmSync(data, { recursive: true, force: true })
})

/** The last request of each function, with its policies. */
function functions(): ReadonlyMap<string, AccessRequest> {
  const calling = asked.filter(({ principal }) => principal.startsWith('arn:'))
  return new Map(calling.map((request) => [partOf(request.principal), request]))
}

describe('the policies of the functions', () => {
  it('suffice for all that the functions, and AWS for them, do', async () => {
    const names = Object.keys(await deployment.runtime.functions())
    expect(new Set(functions().keys())).toEqual(
      new Set(names.map((name) => name.replace('tickstock-local-', ''))),
    )
    expect(refused).toEqual([])
  })

  it('grant nothing that is not used, but what is named with its reason', async () => {
    const granted = new Set<string>()
    const unused = new Set<string>()
    for (const one of functions().values())
      for (const grant of statementsOf(one).flatMap(({ grants }) => grants)) {
        granted.add(nameOf(grant))
        if (!(await isUsed(grant))) unused.add(nameOf(grant))
      }
    expect([...unused].filter((name) => !isNamed(name))).toEqual([])
    // Not whether it is unused: a flush may meet a newer state, and a client may be slow.
    const outdated = NOT_USED_HERE.filter(([pattern]) => ![...granted].some((each) => pattern.test(each)))
    expect(outdated).toEqual([])
  })

  it('have no statement that could be left out', async () => {
    const needless: string[] = []
    for (const one of functions().values())
      for (const statement of statementsOf(one)) {
        const names = statement.grants.map(nameOf)
        if (!names.every(isNamed) && !(await isNeeded(statement))) needless.push(names.join(', '))
      }
    expect(needless).toEqual([])
  })
})

describe('a function that lacks a statement', () => {
  it('fails with what AWS says, and its records wait', async () => {
    const failed: string[] = []
    const lacking = await preparedData()
    const without = await startDeployment({
      data: lacking,
      durability: 'none',
      onLog: ({ text }) => void failed.push(text),
      iam: {
        authorize: (request) => {
          const isLacked = ({ grants }: Statement) =>
            grants.some(({ part, action }) => part === 'aggregator' && action === 'dynamodb:BatchGetItem')
          const lacked = statementsOf(request).find(isLacked)
          return simulatedIam(lacked?.without(request) ?? request)
        },
      },
    })
    onTestFinished(async () => {
      await without.stop()
      rmSync(lacking, { recursive: true, force: true })
    })
    const said =
      /AccessDeniedException: User: \S+\/tickstock-local-aggregator is not authorized to perform: dynamodb:BatchGetItem on resource: \S+\/tickstock-local-minute-state because no identity-based policy allows/
    await putTrade(without)
    await waitFor(() => failed.some((line) => said.test(line)), 'the aggregator to be refused')
    expect(
      without.runtime.lag().find(({ functionName }) => functionName.endsWith('-aggregator')),
    ).toMatchObject({
      records: 1,
    })
  })
})

async function putTrade({ runtime, ticksStream }: Deployment): Promise<void> {
  const kinesis = createKinesisClient(runtime.environment)
  const Data = Buffer.from('{"symbol":"AAPL","price":"10","volume":"1","timestamp":1760106720}')
  await kinesis.send(
    new PutRecordsCommand({ StreamName: ticksStream, Records: [{ PartitionKey: 'AAPL', Data }] }),
  )
}

function nameOf({ part, action }: Grant): string {
  return `${part} ${action}`
}

function isNamed(name: string): boolean {
  return NOT_USED_HERE.some(([pattern]) => pattern.test(name))
}

function requestsOf(part: string): readonly AccessRequest[] {
  return asked.filter(({ principal }) => partOf(principal) === part)
}

async function isUsed(grant: Grant): Promise<boolean> {
  for (const request of requestsOf(grant.part)) if (await isCoveredBy(request, grant)) return true
  return false
}

/** Whether a request of the function is refused without the statement. */
async function isNeeded({ grants, without }: Statement): Promise<boolean> {
  for (const request of requestsOf(grants[0]?.part ?? ''))
    if (!(await isAllowed(without(request)))) return true
  return false
}
