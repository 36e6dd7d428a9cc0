/** A page of the page: a row in `page-list.ts`, and one file. */
import type { ComponentType } from "preact"
import type { PageName } from "./page-names.ts"

export type PageProps = { readonly about: URLSearchParams }

export type PageRow = {
  readonly name: PageName
  readonly title: string
  /** Where it stands in the list at the side; left out, it is only led to. */
  readonly group?: "Now" | "Record" | "Money" | "Evidence" | "Rules"
  /** Shown where the ledger answers this; left out, always. */
  readonly route?: string
  readonly view: ComponentType<PageProps>
}
