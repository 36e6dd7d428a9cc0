/** What questions for the latest of something are asked with. */
import { instant, whole, type Parameter } from "./parameter.ts"

export const last: Parameter = whole({ name: "last", words: "how many (default 50)", most: 100_000, default: 50, overHttp: { default: 50, most: 1_000 } })
export const sinceWhen: Parameter = instant("since", "from this time on: 30m, 24h or 7d back from now, a day, or ISO 8601 with an offset")

export type LastValues = { readonly last: number; readonly since?: number }
