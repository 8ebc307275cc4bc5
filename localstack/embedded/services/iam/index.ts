import { defineService } from '../../service.ts'
import { createIam } from './iam.ts'
import type { Iam } from './iam.ts'
import { iamManagedPolicy, iamPolicy, iamRole } from './resources.ts'

/** IAM: roles and their policies, which are enforced for functions where `RuntimeOptions.iam` says so. */
export const iam = defineService<Iam>({
  name: 'iam',
  resourceTypes: {
    'AWS::IAM::ManagedPolicy': iamManagedPolicy,
    'AWS::IAM::Policy': iamPolicy,
    'AWS::IAM::Role': iamRole,
  },
  open: ({ accountId, enforcement }) => {
    const api = createIam(accountId, enforcement)
    // Without it no request waits for a guard that lets all through.
    return enforcement === undefined ? { api } : { api, guard: api.guard }
  },
})
