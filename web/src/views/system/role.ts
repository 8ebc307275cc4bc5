import { computed } from '@preact/signals'

import { session } from '../../state/session.ts'

/** Whether who is signed in may change something. The server decides; this only greys buttons out. */
export const isOperator = computed(() => session.value?.role === 'operator')
