import { expect, it } from 'vitest'
import { parseCredentials } from '../../../../functions/shared/postgres/credentials.ts'

const secret = {
  username: 'app_readwrite',
  password: 'hush',
  host: '127.0.0.1',
  port: 5432,
  dbname: 'tickstock',
}

it.each([5432, '5432'])('a secret with the port %j is read', (port) => {
  expect(parseCredentials(JSON.stringify({ ...secret, port, engine: 'postgres' }), 'arn')).toEqual(secret)
})

it.each([
  ['a port that is none', JSON.stringify({ ...secret, port: 'hush' }), 'port'],
  ['no host', JSON.stringify({ ...secret, host: undefined }), 'host'],
  ['no JSON', 'hush', 'the whole text'],
  ['nothing', undefined, 'the whole text'],
])('a secret with %s is refused without showing any of it', (_, text, field) => {
  expect(() => parseCredentials(text, 'arn:secret')).toThrow(
    `the secret arn:secret is not {"username","password","host","port","dbname"}; wrong: ${field}`,
  )
})
