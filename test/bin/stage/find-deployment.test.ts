import { describe, expect, it } from 'vitest'

import { type DeploymentOptions, findDeployment } from '../../../bin/stage/find-deployment.ts'
import type { RunningDeployment, RunningFile } from '../../../bin/stage/running-deployment.ts'

const deployment: RunningDeployment = {
  pid: 1,
  startedAt: '1',
  stage: 'local',
  endpoint: 'http://127.0.0.1:4566',
  region: 'us-east-1',
  accessKeyId: 'test',
  secretAccessKey: 'test',
  api: { url: 'http://127.0.0.1:4566/_api/a/local', key: 'key' },
  webSocketUrl: 'ws://127.0.0.1:4566/_ws',
  ticksStream: 'tickstock-local-ticks',
  readOnlyUrl: 'postgresql://app_readonly:secret@127.0.0.1:4567/tickstock',
}

function find(
  options: DeploymentOptions,
  environment: NodeJS.ProcessEnv = {},
  files: Readonly<Record<string, RunningFile>> = { '/default': { type: 'running', deployment } },
) {
  return findDeployment({
    options,
    environment,
    defaultData: '/default',
    readRunning: (data) => files[data] ?? { type: 'none' },
  })
}

describe('a command works on', () => {
  it('the npm start of the default data folder, with its endpoint and keys alone', () => {
    const account = {
      AWS_PROFILE: 'work',
      AWS_SESSION_TOKEN: 't',
      AWS_ENDPOINT_URL_S3: 'http://s3',
      HOME: '/h',
    }
    expect(find({}, account)).toEqual({
      stage: 'local',
      at: 'http://127.0.0.1:4566',
      running: deployment,
      environment: {
        HOME: '/h',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      },
    })
    expect(find({ stage: 'local' }).running).toBe(deployment)
  })

  it('what AWS_ENDPOINT_URL names, rather than that', () => {
    const environment = { AWS_ENDPOINT_URL: 'http://localstack', AWS_REGION: 'eu-west-1' }
    expect(find({}, environment)).toEqual({
      stage: 'local',
      at: 'http://localstack',
      running: undefined,
      environment,
    })
    expect(find({ stage: 'dev' }, environment)).toMatchObject({ stage: 'dev', at: 'http://localstack' })
    expect(find({}, { AWS_ENDPOINT_URL: '' }).running).toBe(deployment)
  })

  it('the npm start of the folder that --data names, rather than those', () => {
    const other = { ...deployment, endpoint: 'http://127.0.0.1:5000' }
    const files = {
      '/default': { type: 'running', deployment },
      '/other': { type: 'running', deployment: other },
    } as const
    const found = find({ data: '/other' }, { AWS_ENDPOINT_URL: 'http://localstack' }, files)
    expect(found.running).toBe(other)
    expect(found.environment['AWS_ENDPOINT_URL']).toBe('http://127.0.0.1:5000')
  })

  it('what --endpoint names, rather than any other, for all services', () => {
    const environment = {
      AWS_ENDPOINT_URL: 'http://localstack',
      AWS_ENDPOINT_URL_S3: 'http://s3',
      AWS_REGION: 'r',
    }
    expect(find({ endpoint: 'http://given' }, environment)).toEqual({
      stage: 'local',
      at: 'http://given',
      running: undefined,
      environment: { AWS_ENDPOINT_URL: 'http://given', AWS_REGION: 'r' },
    })
    expect(find({ endpoint: 'http://given', stage: 'dev' }).stage).toBe('dev')
  })

  it('a stage on AWS, whatever runs here, with the credentials of the environment', () => {
    const environment = { AWS_PROFILE: 'work', AWS_ENDPOINT_URL_S3: 'http://s3' }
    expect(find({ stage: 'prod' }, environment)).toEqual({
      stage: 'prod',
      at: 'AWS',
      running: undefined,
      environment,
    })
  })
})

it('a deployment with a prefix of its own is found by it, on AWS and at an endpoint', () => {
  expect(find({ stage: 'prod', prefix: 'desk' })).toMatchObject({ stage: 'prod', prefix: 'desk', at: 'AWS' })
  expect(find({ stage: 'prod', prefix: 'desk', endpoint: 'http://given' }).prefix).toBe('desk')
  expect(find({ stage: 'prod' }).prefix).toBeUndefined()
  expect(() => find({ prefix: 'desk' })).toThrow(
    '--prefix desk names a deployment on AWS, and the stage is local: give --stage too, or leave it out',
  )
})

describe('one line says what to do', () => {
  it('when nothing runs in the default folder, or in the one that was named', () => {
    expect(() => find({}, {}, {})).toThrow(
      'no TickStock runs with the data folder /default: start one with npm start, or name another deployment with --data FOLDER, --endpoint URL or --stage STAGE',
    )
    expect(() => find({ data: '/other' })).toThrow('no TickStock runs with the data folder /other: ')
  })

  it('when the process that wrote the file has ended', () => {
    expect(() => find({}, {}, { '/default': { type: 'ended', pid: 42 } })).toThrow(
      'the TickStock of the data folder /default does not run any more (process 42 has ended): start one',
    )
  })

  it.each([
    [{ data: '/other', endpoint: 'http://given' }, '--endpoint and --data each name a deployment'],
    [{ data: '/other', stage: 'prod' }, '--data names a deployment of stage local, --stage prod another'],
  ])('when %j contradict each other', (options, message) => {
    expect(() => find(options)).toThrow(message)
  })
})
