/** What the build hands to the runtime. */
export type Parts = {
  app: { pages: string[]; window?: { navigationBarTitleText?: string } }
  units: Unit[]
}

export type Unit = {
  path: string
  page: boolean
  scope: string | null
  config: { navigationBarTitleText?: string; enablePullDownRefresh?: boolean }
}

export type Dict = Record<string, unknown>
