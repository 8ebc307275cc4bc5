import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam'
import { StringParameter } from 'aws-cdk-lib/aws-ssm'
import { Construct } from 'constructs'

import { pathOf } from '../functions/shared/runtime/deployment-name.ts'
import { FLAG_NAMES, type FlagName } from '../functions/shared/runtime/flag-names.ts'
import type { Config } from './config/config.ts'

/** The feature flags of a deployment, all on at first; `npx tickstock flag` sets them, and a deployment keeps them. */
export class FeatureFlags extends Construct {
  /** Where the parameters are: the environment `FLAGS_PATH` of the parts that read them. */
  readonly path: string
  readonly #parameters: ReadonlyMap<FlagName, StringParameter>

  constructor(scope: Construct, id: string, config: Pick<Config, 'prefix' | 'stage' | Switches>) {
    super(scope, id)
    this.path = `${pathOf(config)}/flags`
    const names = FLAG_NAMES.filter((name) => isThere(name, config))
    this.#parameters = new Map(names.map((name) => [name, this.#parameter(name)]))
  }

  /** Lets a part read these flags and no others. */
  grantRead(part: IGrantable, ...names: readonly FlagName[]): void {
    Grant.addToPrincipal({
      grantee: part,
      actions: ['ssm:GetParameters'],
      resourceArns: names.flatMap((name) => this.#parameters.get(name)?.parameterArn ?? []),
    })
  }

  /** Which there are. */
  get names(): readonly FlagName[] {
    return [...this.#parameters.keys()]
  }

  /** Lets a part read and set all of them. */
  grantSwitch(part: IGrantable): void {
    Grant.addToPrincipal({
      grantee: part,
      actions: ['ssm:GetParameters', 'ssm:PutParameter'],
      resourceArns: [...this.#parameters.values()].map(({ parameterArn }) => parameterArn),
    })
  }

  #parameter(name: FlagName): StringParameter {
    return new StringParameter(this, name, {
      parameterName: `${this.path}/${name}`,
      stringValue: 'on',
      allowedPattern: '^(on|off)$',
      description: 'on or off; what off means stands in docs/operate.md',
    })
  }
}

type Switches = 'websocket' | 'liveTicks' | 'archive'

function isThere(name: FlagName, { websocket, liveTicks, archive }: Pick<Config, Switches>): boolean {
  if (name === 'archive') return archive === 'on'
  if (name === 'broadcast') return websocket === 'on'
  return name !== 'live-ticks' || (websocket === 'on' && liveTicks === 'on')
}
