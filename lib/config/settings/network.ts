import * as z from 'zod'

import { listOf, subnetIds } from '../field-types.ts'

const EGRESS =
  'allowed are ids of prefix lists and ranges of addresses, with commas between them, as pl-6ea54007,10.20.0.0/16'
const ZONES = 'allowed are the names of two zones with a comma between them, as eu-central-1a,eu-central-1c'

/** The network of the functions and of the database. */
export const networkSettings = {
  /**
   * AWS: an existing network to run in, in place of one of the stack; with `subnets`. docs/own-account.md says what it must have.
   * To be set before the first deployment.
   * @default none
   */
  vpcId: z
    .string()
    .regex(/^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/, 'allowed is the id of a VPC, as vpc-0123456789abcdef0')
    .optional(),
  /**
   * AWS, with `vpcId`: its private subnets for functions and database, each in a zone of its own, with commas between them or
   * as a list in `cdk.json`.
   * @default none
   */
  subnets: subnetIds(2).optional(),
  /**
   * AWS, with `vpcId`: its subnets for the feed of `venues`, one for each of the `venueCopies`, with a way to the internet.
   * @default none
   */
  venueSubnets: subnetIds(1).optional(),
  /**
   * AWS, with `vpcId`: its subnets for the bridge of `bridgeDomain` and its load balancer, which is an internal one there: two or more, each
   * in a zone of its own, with a way to the internet.
   * @default none
   */
  bridgeSubnets: subnetIds(2).optional(),
  /**
   * AWS: where functions in the network may connect to by HTTPS: prefix lists and ranges of addresses, with commas between them
   * or as a list in `cdk.json`.
   * @default wherever the network has a route
   */
  egress: listOf(/^(pl-[0-9a-f]{8,17}|\d{1,3}(\.\d{1,3}){3}\/\d{1,2})$/, EGRESS).optional(),
  /**
   * AWS: the two availability zones of the network, with a comma between them or as a list in `cdk.json`: where the region's first
   * two lack `databaseInstance`, or Lambda in a network. To be set before the first deployment.
   * @default the first two of the region
   */
  zones: z
    .union([z.tuple([z.string(), z.string()]).transform((names) => names.join(',')), z.string()], ZONES)
    .pipe(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z](-\w+)?,[a-z]{2}(-[a-z]+)+-\d[a-z](-\w+)?$/, ZONES))
    .optional(),
}
