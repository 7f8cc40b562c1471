/** Why a policy cannot be used: where, what, and what to do about it. */
export type PolicyFault = {
  /** Relative to the root of the policy tree or bundle. */
  readonly file?: string
  readonly line?: number
  readonly message: string
  readonly remedy: string
}

export function formatPolicyFault({ file, line, message, remedy }: PolicyFault): string {
  const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}: `
  return `${place}${message}; ${remedy}`
}
