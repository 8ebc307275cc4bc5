import { expect, test } from 'vitest'
import { localUrls } from './local-urls.ts'

function local(text: string) {
  return localUrls(text, {
    endpoint: 'http://127.0.0.1:4566',
    isLocal: (id) => ['abc', 'def'].includes(id),
  })
}
function aws(id: string, region = 'eu-central-1') {
  return `${id}.execute-api.${region}.amazonaws.com`
}
function here(id: string) {
  return `127.0.0.1:4566/_aws/execute-api/${id}`
}

test.each([
  [`https://${aws('abc')}/prod`, `http://${here('abc')}/prod`],
  [`wss://${aws('def')}/prod`, `ws://${here('def')}/prod`],
  [`https://${aws('abc', 'us-east-1')}/prod`, `http://${here('abc')}/prod`],
  [`wss://${aws('def')}`, `ws://${here('def')}`],
  [`a https://${aws('abc')}/x?y, wss://${aws('def')}`, `a http://${here('abc')}/x?y, ws://${here('def')}`],
])('%s leads here', (text, expected) => {
  expect(local(text)).toBe(expected)
})

test.each([
  `https://${aws('other')}/prod`,
  `https://${aws('abc')}.cn/prod`,
  `http://${aws('abc')}/prod`,
  'arn:aws:execute-api:eu-central-1:000000000000:abc/prod/*/@connections/*',
])('%s stays', (text) => {
  expect(local(text)).toBe(text)
})
