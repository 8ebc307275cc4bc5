import * as z from 'zod'
import type { HttpHandler } from '../../http/message.ts'
import { jsonService, operation, ServiceError } from '../../http/json-service.ts'
import { readState, writeState } from '../../storage/state-file.ts'

const ParameterSchema = z.object({
  name: z.string(),
  type: z.string(),
  value: z.string(),
  /** What the template said last; a value put since then stays until the template says another. */
  declared: z.string().optional(),
  /** A regular expression that every value has to match. */
  allowedPattern: z.string().optional(),
  version: z.number(),
  /** Unix milliseconds. */
  modifiedAt: z.number(),
})

type Parameter = z.infer<typeof ParameterSchema>

/** The parameter store of one stack. */
export type ParameterStore = {
  readonly handle: HttpHandler
  /** Sets a parameter that the template declares. */
  readonly declare: (parameter: {
    readonly name: string
    readonly type: string
    readonly value: string
    readonly allowedPattern?: string | undefined
  }) => void
  /** The value of a parameter; throws a ServiceError if there is none. */
  readonly value: (name: string) => string
}

/** Opens the parameters kept in `file`. `arnPrefix`: `arn:aws:ssm:region:account:parameter`. */
export function openParameterStore(
  file: string,
  { arnPrefix, now }: { readonly arnPrefix: string; readonly now: () => number },
): ParameterStore {
  const parameters = new Map((readState(file, z.array(ParameterSchema)) ?? []).map((one) => [one.name, one]))
  const put = (parameter: Omit<Parameter, 'version' | 'modifiedAt'>): number => {
    const { value, allowedPattern } = parameter
    if (allowedPattern !== undefined && !new RegExp(allowedPattern).test(value))
      throw new ServiceError(
        'ParameterPatternMismatchException',
        `Parameter ${parameter.name} cannot be ${JSON.stringify(value)}: its AllowedPattern is ${allowedPattern}.`,
      )
    const version = (parameters.get(parameter.name)?.version ?? 0) + 1
    parameters.set(parameter.name, { ...parameter, version, modifiedAt: now() })
    writeState(file, [...parameters.values()])
    return version
  }
  const find = (name: string): Parameter => {
    const found = parameters.get(name)
    if (found !== undefined) return found
    throw new ServiceError('ParameterNotFound', `There is no parameter ${name}.`)
  }
  const shown = ({ name, type, value, version, modifiedAt }: Parameter) => ({
    Name: name,
    Type: type,
    Value: value,
    Version: version,
    LastModifiedDate: modifiedAt / 1000,
    ARN: `${arnPrefix}${name.startsWith('/') ? '' : '/'}${name}`,
    DataType: 'text',
  })
  return {
    value: (name) => find(name).value,
    declare: ({ name, type, value, allowedPattern }) => {
      const existing = parameters.get(name)
      const isKept = existing?.declared === value
      if (isKept && existing.allowedPattern === allowedPattern) return
      put({ name, type, value: isKept ? existing.value : value, declared: value, allowedPattern })
    },
    handle: jsonService('SSM', {
      GetParameter: operation(GetSchema, ({ Name }) => ({ Parameter: shown(find(Name)) })),
      GetParameters: operation(GetSeveralSchema, ({ Names }) => ({
        Parameters: Names.flatMap((name) => parameters.get(name) ?? []).map(shown),
        InvalidParameters: Names.filter((name) => !parameters.has(name)),
      })),
      GetParametersByPath: operation(ByPathSchema, ({ Path, Recursive }) => ({
        Parameters: [...parameters.values()].filter(({ name }) => isBelow(name, Path, Recursive)).map(shown),
      })),
      PutParameter: operation(PutSchema, ({ Name, Value, Type, Overwrite }) => {
        const existing = parameters.get(Name)
        if (existing !== undefined && !Overwrite) {
          throw new ServiceError(
            'ParameterAlreadyExists',
            `${Name} exists: set Overwrite to replace its value.`,
          )
        }
        const type = Type ?? existing?.type ?? 'String'
        return {
          Version: put({ ...existing, name: Name, type, value: Value }),
          Tier: 'Standard',
        }
      }),
    }),
  }
}

/** Without a leading slash a name has no path. */
function isBelow(name: string, path: string, recursive: boolean): boolean {
  const folder = path.endsWith('/') ? path : `${path}/`
  return name.startsWith(folder) && (recursive || !name.slice(folder.length).includes('/'))
}

const decryption = { WithDecryption: z.boolean().optional() }
const GetSchema = z.strictObject({ Name: z.string(), ...decryption })
const GetSeveralSchema = z.strictObject({ Names: z.array(z.string()), ...decryption })
const ByPathSchema = z.strictObject({
  Path: z.string(),
  Recursive: z.boolean().default(false),
  MaxResults: z.number().optional(),
  ...decryption,
})
const PutSchema = z.strictObject({
  Name: z.string(),
  Value: z.string(),
  Type: z.enum(['String', 'StringList', 'SecureString']).optional(),
  Overwrite: z.boolean().default(false),
  Description: z.string().optional(),
})
