/** What is odd in a stretch of time, as a sheet. */
import type { Anomalies } from "../../views/anomalies/detector-list.ts"
import { anomalySections, oddCount, type AnomalyLook } from "./anomaly-sections.ts"
import type { Sheet } from "./sheet.ts"

export type AnomalyReport = {
  readonly window: { readonly from: string; readonly to: string; readonly tz: string }
  readonly anomalies: Anomalies
  readonly look: AnomalyLook
}

export function anomaliesSheet({ window, anomalies, look }: AnomalyReport): Sheet {
  const odd = oddCount(anomalies)
  return {
    kind: "Anomalies",
    heading: `${window.from.slice(0, 16).replace("T", " ")} to ${window.to.slice(0, 16).replace("T", " ")} UTC`,
    quiet: [window.tz],
    totals: [["anomalies", odd === 0 ? "none found" : String(odd)]],
    sections: anomalySections(anomalies, look),
  }
}
