import { describe, expect, it } from 'vitest'

import { newSecret, signatureFault, signMessage } from '../../../functions/alerter/sign.ts'

/** The test vector of Standard Webhooks. */
const VECTOR = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  time: 1_614_265_330,
  body: '{"test": 2432232314}',
}

describe('a signature', () => {
  it('is that of Standard Webhooks', () => {
    expect(signMessage(VECTOR.secret, VECTOR)).toEqual({
      'webhook-id': VECTOR.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  it('holds for the message, among others of other keys, for five minutes', () => {
    const secret = newSecret()
    const headers = signMessage(secret, VECTOR)
    const { body, time } = VECTOR
    expect(signatureFault(secret, { headers, body }, time)).toBeUndefined()
    const several = { ...headers, 'webhook-signature': `v1,x ${headers['webhook-signature']}` }
    expect(signatureFault(secret, { headers: several, body }, time + 300)).toBeUndefined()
    expect(signatureFault(secret, { headers, body }, time + 301)).toMatch(/more than 300 s from now/)
    expect(signatureFault(secret, { headers, body }, time - 301)).toMatch(/more than 300 s from now/)
  })

  it('does not hold for another body, id, time or secret, or where it is missing', () => {
    const secret = newSecret()
    const headers = signMessage(secret, VECTOR)
    const { body, time } = VECTOR
    const faults = [
      signatureFault(secret, { headers, body: `${body} ` }, time),
      signatureFault(secret, { headers: { ...headers, 'webhook-id': 'x' }, body }, time),
      signatureFault(secret, { headers: { ...headers, 'webhook-timestamp': `${time + 1}` }, body }, time),
      signatureFault(newSecret(), { headers, body }, time),
    ]
    for (const fault of faults) expect(fault).toMatch(/not of this secret/)
    expect(signatureFault(secret, { headers: {}, body }, time)).toMatch(/is not signed/)
  })
})
