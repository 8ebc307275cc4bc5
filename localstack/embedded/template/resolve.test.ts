import { describe, expect, test } from 'vitest'
import type { Template } from './assembly.ts'
import { creationOrder } from './creation-order.ts'
import { conditionHolds, resolveValue } from './resolve.ts'
import type { Scope } from './resolve.ts'

function resource(Properties: Record<string, unknown> = {}, DependsOn: string[] = []) {
  return {
    Type: 'Custom::R',
    Properties,
    DependsOn,
  }
}

const template: Template = {
  Parameters: {
    Size: { Type: 'Number', Default: 3, AllowedValues: [3, 4] },
    Zones: { Type: 'CommaDelimitedList', Default: 'a, b' },
    Given: { Type: 'String' },
    Name: {
      Type: 'String',
      AllowedPattern: '[a-z]+',
      MinLength: 2,
      MaxLength: 4,
      ConstraintDescription: 'a short name',
    },
    Port: { Type: 'Number', MinValue: 1, MaxValue: 9 },
    Stored: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/x' },
  },
  Mappings: { Sizes: { small: { cpu: '1' } } },
  Conditions: {
    Yes: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-central-1'] },
    No: { 'Fn::Not': [{ Condition: 'Yes' }] },
    Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
    Either: { 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] },
  },
  Resources: { Made: resource(), Later: resource() },
  Outputs: {},
}

const scope: Scope = {
  template,
  pseudo: { accountId: '000000000000', region: 'eu-central-1', stackName: 'Small' },
  parameters: { Given: 'value' },
  created: new Map([['Made', { ref: 'made-1', attributes: { Arn: 'arn:made', 'Endpoint.Port': 5432 } }]]),
}

function resolved(value: unknown) {
  return resolveValue(value, scope)
}

describe('resolveValue', () => {
  test.each([
    ['a reference to a resource', { Ref: 'Made' }, 'made-1'],
    ['a parameter that is given', { Ref: 'Given' }, 'value'],
    ['the default of a parameter, as text', { Ref: 'Size' }, '3'],
    ['a list parameter', { Ref: 'Zones' }, ['a', 'b']],
    ['pseudo parameters', [{ Ref: 'AWS::AccountId' }, { Ref: 'AWS::Partition' }], ['000000000000', 'aws']],
    ['an attribute', { 'Fn::GetAtt': ['Made', 'Arn'] }, 'arn:made'],
    ['an attribute in dotted form', { 'Fn::GetAtt': 'Made.Endpoint.Port' }, 5432],
    ['a join', { 'Fn::Join': [':', ['a', { Ref: 'Made' }, 1]] }, 'a:made-1:1'],
    ['a join of a list', { 'Fn::Join': ['+', { Ref: 'Zones' }] }, 'a+b'],
    [
      'a substitution',
      { 'Fn::Sub': '${Made} ${Made.Arn} ${AWS::Region} ${!kept}' },
      'made-1 arn:made eu-central-1 ${kept}',
    ],
    [
      'a substitution with variables',
      { 'Fn::Sub': ['${x}-${Made}', { x: { Ref: 'Given' } }] },
      'value-made-1',
    ],
    ['a selection', { 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['a choice', { 'Fn::If': ['Yes', { Ref: 'Made' }, { Ref: 'Later' }] }, 'made-1'],
    ['a look-up', { 'Fn::FindInMap': ['Sizes', 'small', 'cpu'] }, '1'],
    [
      'properties left out',
      { a: 1, b: { Ref: 'AWS::NoValue' }, c: [{ Ref: 'AWS::NoValue' }, 2] },
      { a: 1, c: [2] },
    ],
    [
      'a Condition of a policy statement',
      { Condition: { Bool: { x: 'y' } } },
      { Condition: { Bool: { x: 'y' } } },
    ],
  ])('resolves %s', (_what, value, expected) => {
    expect(resolved(value)).toEqual(expected)
  })

  test.each([
    [{ 'Fn::ImportValue': 'x' }, 'Intrinsic function Fn::ImportValue is not supported; supported are Ref'],
    [{ Ref: 'Later' }, 'Reference to Later, which is not created here in stack Small.'],
    [{ Ref: 'Missing' }, 'Reference to Missing, which does not exist in stack Small.'],
    [
      { 'Fn::GetAtt': ['Made', 'Url'] },
      'Made (Custom::R) has no attribute Url here; it has: Arn, Endpoint.Port.',
    ],
    [{ 'Fn::If': ['Maybe', 1, 2] }, 'Condition Maybe does not exist.'],
    [{ 'Fn::Select': [7, ['a']] }, 'Fn::Select: no item 7 among 1.'],
    [{ 'Fn::Join': ['a'] }, 'Fn::Join has a malformed argument: ["a"]'],
    [
      { Ref: 'Stored' },
      'Parameter Stored is of type AWS::SSM::Parameter::Value<String>, which is not supported.',
    ],
  ])('refuses %j', (value, message) => {
    expect(() => resolved(value)).toThrow(message)
  })

  test('refuses a parameter without a value and one that is not allowed', () => {
    expect(() => resolveValue({ Ref: 'Given' }, { ...scope, parameters: {} })).toThrow(
      'Parameter Given has no default',
    )
    expect(() => resolveValue({ Ref: 'Size' }, { ...scope, parameters: { Size: '5' } })).toThrow(
      'Parameter Size is 5; allowed: 3, 4.',
    )
  })
})

test.each([
  ['Name', 'abC', 'Parameter Name is "abC"; its AllowedPattern is [a-z]+: a short name.'],
  ['Name', 'abcde', 'Parameter Name is "abcde"; its length must be from 2 to 4: a short name.'],
  ['Name', 'a', 'its length must be from 2 to 4'],
  ['Port', '0', 'Parameter Port is "0"; its MinValue is 1.'],
  ['Port', '10', 'its MaxValue is 9'],
  ['Port', 'x', 'its MinValue is 1'],
])('refuses a parameter %s of %s', (name, value, message) => {
  const given = { ...scope, parameters: { [name]: value } }
  expect(() => resolveValue({ Ref: name }, given)).toThrow(message)
  const fits = { ...scope, parameters: { Name: 'abcd', Port: '9' } }
  expect(['abcd', '9']).toContain(resolveValue({ Ref: name }, fits))
})

test('conditions combine', () => {
  expect(['Yes', 'No', 'Both', 'Either'].map((name) => conditionHolds(name, scope))).toEqual([
    true,
    false,
    false,
    true,
  ])
})

describe('creationOrder', () => {
  const order = (Resources: Template['Resources']) =>
    creationOrder({ ...template, Resources }, new Set(Object.keys(Resources)))

  test('puts a resource after all that it refers to or depends on', () => {
    expect(
      order({
        A: resource({ x: { 'Fn::Sub': 'to ${D.Arn} ${!C}' } }),
        B: resource({ x: [{ 'Fn::GetAtt': ['C', 'Arn'] }] }),
        C: resource({}, ['A']),
        D: resource(),
        E: resource({ x: { Ref: 'AWS::Region' } }),
      }),
    ).toEqual(['D', 'A', 'C', 'B', 'E'])
  })

  test('shows a cycle', () => {
    const cycle = {
      A: resource({ x: { Ref: 'B' } }),
      B: resource({}, ['C']),
      C: resource({ x: { Ref: 'B' } }),
    }
    expect(() => order(cycle)).toThrow('Resources depend on each other in a cycle: B -> C -> B')
  })
})
