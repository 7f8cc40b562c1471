/** The file of a data folder and, when it is known, the line of a member. */
export type Place = (folder: string, members: readonly string[]) => { readonly file: string; readonly line?: number }
/** Something wrong in a data folder, at a member. */
export type DataFault = {
  readonly check: string
  readonly folder: string
  readonly members: readonly string[]
  readonly message: string
  readonly remedy: string
}
