/** One of several things to choose from. */
export interface Choice {
  key: string
  name: string
  note: string
}
