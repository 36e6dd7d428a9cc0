/** What an operator wants kept, and for how long. A bound that is 0 or left out keeps everything. */
import { Fault } from "../base/fault.ts"
import { countOf, objectOf } from "../base/json.ts"
import { isCategory, type Category } from "../format/event.ts"

export type Retention = {
  /** Entries recorded longer ago than this go. */
  readonly days: number
  /** When all of the ledger's files are larger, the oldest entries go. */
  readonly maxBytes: number
  /** Contents of entries of a category that were recorded longer ago than this go; the entries stay. */
  readonly contentDays: ReadonlyMap<Category, number>
}

export const dayMs = 86_400_000
export const bytesAMegabyte = 1_000_000
export const mostDays = 36_500

export const keepsAll: Retention = { days: 0, maxBytes: 0, contentDays: new Map() }

export function isAll({ days, maxBytes, contentDays }: Retention): boolean {
  return days === 0 && maxBytes === 0 && contentDays.size === 0
}

/** Days by category, as settings and flags write them. @throws {Fault} `retention.invalid` */
export function parseContentDays(written: unknown): ReadonlyMap<Category, number> {
  if (typeof written !== "object" || written === null || Array.isArray(written)) {
    throw new Fault("retention.invalid", { problem: 'it must be days by category, such as {"tool": 90, "message": 30}' })
  }
  const found = new Map<Category, number>()
  for (const [name, days] of Object.entries(objectOf(written))) {
    if (!isCategory(name)) throw new Fault("retention.invalid", { problem: `there is no category ${name}` })
    const count = countOf(days)
    if (count === undefined || count > mostDays)
      throw new Fault("retention.invalid", { problem: `the days of ${name} must be a whole number from 0 to ${mostDays}` })
    if (count > 0) found.set(name, count)
  }
  return found
}

/** As a client tells it, and as a program is started with it. */
export type RetentionJson = { readonly days: number; readonly maxSizeMb: number; readonly contentDays: { readonly [category: string]: number } }

export function retentionJson({ days, maxBytes, contentDays }: Retention): RetentionJson {
  return { days, maxSizeMb: maxBytes / bytesAMegabyte, contentDays: Object.fromEntries(contentDays) }
}

/** Of settings as they are written; what is none of it keeps everything. */
export function retentionOf(told: unknown): Retention {
  const { days, maxSizeMb, contentDays } = objectOf(told)
  const byCategory = Object.entries(objectOf(contentDays)).flatMap(([name, count]) => {
    const most = countOf(count) ?? 0
    return isCategory(name) && most > 0 ? [[name, most] as const] : []
  })
  return { days: countOf(days) ?? 0, maxBytes: (countOf(maxSizeMb) ?? 0) * bytesAMegabyte, contentDays: new Map(byCategory) }
}

/** What nobody's settings want gone: of several gateways with one ledger, the one that keeps a thing longest decides. */
export function longest(all: readonly Retention[]): Retention {
  const [first] = all
  if (!first) return keepsAll
  const most = (values: readonly number[]) => (values.includes(0) ? 0 : Math.max(...values))
  const contentDays = [...first.contentDays.keys()].map((name) => [name, most(all.map((one) => one.contentDays.get(name) ?? 0))] as const)
  return {
    days: most(all.map(({ days }) => days)),
    maxBytes: most(all.map(({ maxBytes }) => maxBytes)),
    contentDays: new Map(contentDays.filter(([, days]) => days > 0)),
  }
}
