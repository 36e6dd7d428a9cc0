/** What a report ends with: where the ledger stood. */
import type { ReportIntegrity } from "../../views/reports/integrity.ts"
import type { SheetSection } from "./sheet.ts"

export function integritySection({ lastEvent, checkpoint, anchored, removedBefore }: ReportIntegrity): SheetSection {
  const rows: (readonly string[])[] = []
  if (lastEvent) rows.push(["last entry", `#${lastEvent.sequence} at ${lastEvent.at}`, lastEvent.hash])
  if (checkpoint) rows.push(["last checkpoint", `${checkpoint.size.toLocaleString("en")} entries, stored ${checkpoint.storedAt ?? "-"}`, checkpoint.root])
  if (anchored)
    rows.push([
      `anchored by ${anchored.authority}`,
      `entries #${anchored.from} to #${anchored.to}, ${anchored.anchoredAt}, ${anchored.transaction}`,
      anchored.root,
    ])
  return {
    title: "Integrity",
    head: ["what", "where", "hash or root"],
    rows,
    texts: [0, 1, 2],
    empty: "Nothing is recorded yet.",
    remark: [
      anchored ? "" : "No checkpoint is anchored with a third party.",
      removedBefore === null ? "" : `Entries before #${removedBefore} were removed and are not counted.`,
      "sovereign-ledger verify checks all of it.",
    ]
      .filter(Boolean)
      .join(" "),
  }
}
