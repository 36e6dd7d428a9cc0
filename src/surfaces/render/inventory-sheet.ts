/** What agents are made of as a sheet, and as CSV. */
import type { ArtefactKind } from "../../inventory/kinds.ts"
import { csvCell } from "../../views/export.ts"
import type { InventoryCounts, InventoryRow } from "../../views/inventory.ts"
import type { Sheet } from "./sheet.ts"

export type Inventory = {
  readonly kind: ArtefactKind | null
  readonly limit: number
  readonly host: string
  readonly problem: string | null
  readonly counts: readonly InventoryCounts[]
  readonly total: number | null
  readonly truncated: boolean
  readonly rows: readonly InventoryRow[] | null
}

/** As people ask for them. */
export const kindWords: { readonly [K in ArtefactKind]: string } = { plugin: "plugins", skill: "skills", tool: "tools", workspace: "workspace", cron: "crons" }

export function inventorySheet({ kind, host, problem, counts, total, truncated, rows }: Inventory): Sheet {
  const warning = problem === null ? undefined : `The host's store could not be read, so plugins and jobs are missing here: ${problem}`
  const shown = { kind: "Inventory", heading: host, quiet: [], warning, totals: [] }
  if (kind === null || rows === null)
    return {
      ...shown,
      sections: [
        {
          title: "What there is",
          head: ["kind", "here", "on record", "gone"],
          rows: counts.map((row) => [kindWords[row.kind], ...[row.present, row.recorded, row.gone].map((count) => count.toLocaleString("en"))]),
          empty: "Nothing.",
          remark: "inventory KIND lists them.",
        },
      ],
    }
  return {
    ...shown,
    sections: [
      {
        title: kindWords[kind],
        head: ["name", "version", "source", "sha256", "first seen", "modified", "recorded", "", "path"],
        rows: rows.map((row) => [
          row.id === row.name ? row.name : `${row.name} (${row.id})`,
          row.version ?? "-",
          [row.source ?? "-", ...(row.agent === null ? [] : [`of ${row.agent}`])].join(" "),
          row.sha256?.slice(0, 12) ?? "-",
          dayOf(row.firstSeen),
          dayOf(row.modified),
          row.recorded,
          row.state === "gone" ? "gone" : (row.detail ?? ""),
          row.path ?? "-",
        ]),
        texts: [0, 1, 2, 3, 4, 5, 6, 7, 8],
        empty: `No ${kindWords[kind]} here, and none on record.`,
        remark: truncated ? `${rows.length.toLocaleString("en")} of ${(total ?? 0).toLocaleString("en")}; --limit shows more.` : undefined,
      },
    ],
  }
}

function dayOf(time: string | null): string {
  return time === null ? "-" : time.slice(0, 16).replace("T", " ")
}

const columns = [
  "kind",
  "id",
  "name",
  "version",
  "path",
  "source",
  "agent",
  "sha256",
  "firstSeen",
  "modified",
  "recorded",
  "state",
  "detail",
] as const satisfies readonly (keyof InventoryRow)[]
const countColumns = ["kind", "present", "recorded", "gone"] as const satisfies readonly (keyof InventoryCounts)[]

export function inventoryCsv({ rows, counts }: Inventory): string {
  const lines =
    rows === null
      ? [countColumns.join(","), ...counts.map((row) => countColumns.map((column) => csvCell(row[column])).join(","))]
      : [columns.join(","), ...rows.map((row) => columns.map((column) => csvCell(row[column])).join(","))]
  return `${lines.join("\r\n")}\r\n`
}
