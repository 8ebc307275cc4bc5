export function ownerHint(path: string): string
