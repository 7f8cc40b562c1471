/** A setting of the right form that cannot work, or is unsafe. */
export type Finding = { readonly members: readonly string[]; readonly problem: string; readonly remedy: string }

export const finding = (members: readonly string[], problem: string, remedy: string): Finding => ({
  members,
  problem,
  remedy,
})
