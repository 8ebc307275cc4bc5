import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { services } from '../services/index.ts'
import { resourceTypesOf } from './resource-types.ts'
import { propertiesWithoutEffect } from './without-effect-list.ts'

const page = fileURLToPath(new URL('../README.md', import.meta.url))

function rowsOfPage() {
  return readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `AWS::'))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .join(' | ')
        .trim(),
    )
}

function rows() {
  return resourceTypesOf(services)
    .filter(([type]) => type.startsWith('AWS::'))
    .flatMap(([type, { properties }]) => {
      const byReason = Map.groupBy(propertiesWithoutEffect(properties), ({ why }) => why)
      const lines = [...byReason].map(([why, those]) => {
        const names = [...new Set(those.map(({ name }) => `\`${name}\``))].join(', ')
        return `| \`${type}\` | ${names} | ${why} |`
      })
      return lines.length === 0 ? [`| \`${type}\` | none | all are used |`] : lines
    })
}

test('README.md lists each property that is accepted without effect, with its reason', () => {
  expect(rowsOfPage()).toEqual(rows())
})
