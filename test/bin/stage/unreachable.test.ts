import { describe, expect, it } from 'vitest'

import { explainUnreachable } from '../../../bin/stage/unreachable.ts'

const here = { stage: 'local', at: 'http://127.0.0.1:1' }
const onAws = { stage: 'prod', at: 'AWS' }
const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' })

describe('what is reported of a deployment that cannot be reached', () => {
  it('is the endpoint that does not answer', () => {
    expect(String(explainUnreachable(refused, here))).toMatch(
      /nothing answers at http:\/\/127.0.0.1:1 \(connect ECONNREFUSED.*\); is the deployment running\?/,
    )
    expect(explainUnreachable(refused, onAws)).toBe(refused)
  })

  it.each([
    new Error('Region is missing'),
    Object.assign(new Error('no credentials'), { name: 'CredentialsProviderError' }),
  ])('is what AWS needs: %s', (error) => {
    expect(String(explainUnreachable(error, onAws))).toContain(
      `${error.message}: set AWS_REGION and the credentials of the AWS account that stage prod is in`,
    )
  })

  it('is any other error as it is', () => {
    const error = new Error('another')
    expect(explainUnreachable(error, here)).toBe(error)
    expect(explainUnreachable('a word', here)).toBe('a word')
  })
})
