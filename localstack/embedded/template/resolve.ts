import * as z from 'zod'
import type { Template, TemplateParameter } from './assembly.ts'
import { TemplateError } from '../errors.ts'

/** The pseudo parameters of CloudFormation. */
export type PseudoParameters = {
  readonly accountId: string
  readonly region: string
  readonly stackName: string
}

/** What a resource turned into: the value of `Ref` and those of `Fn::GetAtt`. */
export type Created = {
  readonly ref: string
  readonly attributes: Readonly<Record<string, unknown>>
}

/** What values are resolved against. */
export type Scope = {
  readonly template: Template
  readonly pseudo: PseudoParameters
  /** Given values of template parameters; the others take their default. */
  readonly parameters: Readonly<Record<string, string>>
  /** Resources created so far, by logical id. */
  readonly created: ReadonlyMap<string, Created>
}

/** Marks a value of `AWS::NoValue`: the property that holds it is left out. */
const noValue = Symbol('AWS::NoValue')

type Intrinsic = (argument: unknown, scope: Scope) => unknown

/**
 * Resolves every intrinsic function in a template value. Pure.
 * Throws a TemplateError naming the intrinsic, the reference or the parameter that cannot be resolved.
 */
export function resolveValue(value: unknown, scope: Scope): unknown {
  const resolved = resolveAny(value, scope)
  return resolved === noValue ? undefined : resolved
}

/** Whether a condition of the template holds; throws a TemplateError if it does not exist. */
export function conditionHolds(name: string, scope: Scope): boolean {
  if (!Object.hasOwn(scope.template.Conditions, name))
    throw new TemplateError(`Condition ${name} does not exist.`)
  return truth(resolveAny(scope.template.Conditions[name], scope), `Condition ${name}`)
}

function resolveAny(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value))
    return value.map((item) => resolveAny(item, scope)).filter((item) => item !== noValue)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [only] = entries
  if (entries.length === 1 && only !== undefined && isIntrinsic(only[0], only[1])) {
    return intrinsicNamed(only[0])(only[1], scope)
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, resolveAny(item, scope)]).filter(([, item]) => item !== noValue),
  )
}

/** `Condition` with a string is a reference to a condition; with an object it is the key of an IAM statement. */
function isIntrinsic(key: string, argument: unknown): boolean {
  return key === 'Ref' || key.startsWith('Fn::') || (key === 'Condition' && typeof argument === 'string')
}

function intrinsicNamed(name: string): Intrinsic {
  const intrinsic = intrinsics[name]
  if (intrinsic === undefined) {
    throw new TemplateError(
      `Intrinsic function ${name} is not supported; supported are ${Object.keys(intrinsics).join(', ')}.`,
    )
  }
  return intrinsic
}

function reference(name: string, scope: Scope): unknown {
  const { accountId, region, stackName } = scope.pseudo
  switch (name) {
    case 'AWS::AccountId':
      return accountId
    case 'AWS::Region':
      return region
    case 'AWS::Partition':
      return 'aws'
    case 'AWS::URLSuffix':
      return 'amazonaws.com'
    case 'AWS::StackName':
      return stackName
    case 'AWS::StackId':
      return `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/embedded`
    case 'AWS::NotificationARNs':
      return []
    case 'AWS::NoValue':
      return noValue
    default:
      return Object.hasOwn(scope.template.Parameters, name)
        ? parameter(name, scope)
        : createdResource(name, scope).ref
  }
}

function parameter(name: string, { template, parameters }: Scope): unknown {
  const declared = template.Parameters[name]
  const given = parameters[name] ?? declared?.Default
  if (declared === undefined || given === undefined) {
    throw new TemplateError(`Parameter ${name} has no default: give it a value with the option parameters.`)
  }
  const value = String(given)
  if (declared.AllowedValues?.every((allowed) => String(allowed) !== value)) {
    throw new TemplateError(`Parameter ${name} is ${value}; allowed: ${declared.AllowedValues.join(', ')}.`)
  }
  const rule = brokenRule(declared, value)
  if (rule !== undefined) {
    const why = declared.ConstraintDescription === undefined ? '' : `: ${declared.ConstraintDescription}`
    throw new TemplateError(`Parameter ${name} is ${JSON.stringify(value)}; ${rule}${why}.`)
  }
  if (declared.Type.startsWith('AWS::SSM::')) {
    throw new TemplateError(`Parameter ${name} is of type ${declared.Type}, which is not supported.`)
  }
  const isList = declared.Type === 'CommaDelimitedList' || declared.Type.startsWith('List<')
  return isList ? value.split(',').map((item) => item.trim()) : value
}

/** What a value must be and is not. */
function brokenRule(
  { AllowedPattern, MinLength = 0, MaxLength = Infinity, MinValue, MaxValue }: TemplateParameter,
  value: string,
): string | undefined {
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value))
    return `its AllowedPattern is ${AllowedPattern}`
  if (value.length < MinLength || value.length > MaxLength)
    return `its length must be from ${MinLength} to ${MaxLength}`
  if (MinValue !== undefined && !(Number(value) >= MinValue)) return `its MinValue is ${MinValue}`
  if (MaxValue !== undefined && !(Number(value) <= MaxValue)) return `its MaxValue is ${MaxValue}`
  return undefined
}

function createdResource(logicalId: string, { template, created, pseudo }: Scope): Created {
  const resource = created.get(logicalId)
  if (resource !== undefined) return resource
  const reason = Object.hasOwn(template.Resources, logicalId) ? 'is not created here' : 'does not exist'
  throw new TemplateError(`Reference to ${logicalId}, which ${reason} in stack ${pseudo.stackName}.`)
}

function attribute(logicalId: string, name: string, scope: Scope): unknown {
  const { attributes } = createdResource(logicalId, scope)
  if (Object.hasOwn(attributes, name)) return attributes[name]
  const type = scope.template.Resources[logicalId]?.Type ?? 'unknown type'
  const known = Object.keys(attributes).join(', ') || 'none'
  throw new TemplateError(`${logicalId} (${type}) has no attribute ${name} here; it has: ${known}.`)
}

function shape<Schema extends z.ZodType>(schema: Schema, name: string, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new TemplateError(`${name} has a malformed argument: ${JSON.stringify(value)}`)
}

function truth(value: unknown, what: string): boolean {
  if (typeof value === 'boolean') return value
  throw new TemplateError(`${what} must be a condition, not ${JSON.stringify(value)}`)
}

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const texts = z.array(text)
function operands(name: string, argument: unknown, scope: Scope): readonly boolean[] {
  return shape(z.array(z.unknown()), name, argument).map((item) => truth(resolveAny(item, scope), name))
}

function substitute(argument: unknown, scope: Scope): string {
  const [format, given] =
    typeof argument === 'string'
      ? [argument, {}]
      : shape(z.tuple([z.string(), z.record(z.string(), z.unknown())]), 'Fn::Sub', argument)
  return format.replaceAll(/\$\{(!?)([^}]+)\}/g, (_all, literal: string, name: string) => {
    if (literal !== '') return `\${${name}}`
    if (Object.hasOwn(given, name)) return shape(text, 'Fn::Sub', resolveAny(given[name], scope))
    const dot = name.indexOf('.')
    const value = dot < 0 ? reference(name, scope) : attribute(name.slice(0, dot), name.slice(dot + 1), scope)
    return shape(text, 'Fn::Sub', value)
  })
}

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope) => reference(shape(z.string(), 'Ref', argument), scope),
  Condition: (argument, scope) => conditionHolds(shape(z.string(), 'Condition', argument), scope),
  'Fn::GetAtt': (argument, scope) => {
    const path = typeof argument === 'string' ? argument.split('.') : shape(texts, 'Fn::GetAtt', argument)
    return attribute(path[0] ?? '', path.slice(1).join('.'), scope)
  },
  'Fn::Join': (argument, scope) => {
    const [separator, items] = shape(z.tuple([z.string(), z.unknown()]), 'Fn::Join', argument)
    return shape(texts, 'Fn::Join', resolveAny(items, scope)).join(separator)
  },
  'Fn::Sub': substitute,
  'Fn::Select': (argument, scope) => {
    const pair = z.tuple([z.coerce.number(), z.array(z.unknown())])
    const [index, items] = shape(pair, 'Fn::Select', resolveAny(argument, scope))
    if (items[index] === undefined)
      throw new TemplateError(`Fn::Select: no item ${index} among ${items.length}.`)
    return items[index]
  },
  'Fn::Split': (argument, scope) => {
    const [separator, whole] = shape(z.tuple([z.string(), text]), 'Fn::Split', resolveAny(argument, scope))
    return whole.split(separator)
  },
  'Fn::If': (argument, scope) => {
    const [condition, yes, no] = shape(z.tuple([z.string(), z.unknown(), z.unknown()]), 'Fn::If', argument)
    return resolveAny(conditionHolds(condition, scope) ? yes : no, scope)
  },
  'Fn::Equals': (argument, scope) => {
    const [left, right] = shape(z.tuple([text, text]), 'Fn::Equals', resolveAny(argument, scope))
    return left === right
  },
  'Fn::And': (argument, scope) => operands('Fn::And', argument, scope).every(Boolean),
  'Fn::Or': (argument, scope) => operands('Fn::Or', argument, scope).some(Boolean),
  'Fn::Not': (argument, scope) => !operands('Fn::Not', argument, scope).every(Boolean),
  'Fn::FindInMap': (argument, scope) => {
    const [map, top, second] = shape(
      z.tuple([text, text, text]),
      'Fn::FindInMap',
      resolveAny(argument, scope),
    )
    const value = scope.template.Mappings[map]?.[top]?.[second]
    if (value === undefined) throw new TemplateError(`Fn::FindInMap: no entry ${map}.${top}.${second}.`)
    return value
  },
}
