/** Every bench, one after the other, in one process: the large store is built once for all of them. */
import { availableParallelism, loadavg } from "node:os"
import type { RunOptions, Runnable } from "../scripts/runnable.ts"
import * as appendGrowth from "./append-growth.ts"
import * as append from "./append.ts"
import * as capProof from "./cap-proof.ts"
import * as captureBurst from "./capture-burst.ts"
import * as csv from "./csv.ts"
import * as collect from "./collect.ts"
import * as decide from "./decide.ts"
import * as disk from "./disk.ts"
import * as encryptedFile from "./encrypted-file.ts"
import * as gateBurst from "./gate-burst.ts"
import * as gate from "./gate.ts"
import * as history from "./history.ts"
import * as hookCost from "./hook-cost.ts"
import * as lifecycles from "./lifecycles.ts"
import * as oneFile from "./one-file.ts"
import * as map from "./map.ts"
import * as metrics from "./metrics.ts"
import * as page from "./page.ts"
import * as outbound from "./outbound.ts"
import * as proof from "./proof.ts"
import * as receipts from "./receipts.ts"
import * as restart from "./restart.ts"
import * as scanner from "./scanner.ts"
import type { BenchRow } from "./samples.ts"
import * as session from "./session.ts"
import * as simulator from "./simulator.ts"
import * as status from "./status.ts"
import * as vault from "./vault.ts"
import * as verify from "./verify.ts"
import * as views from "./views.ts"

export const about = "every bench, the large store built once"

const benches: readonly (readonly [string, Runnable])[] = [
  ["hook-cost", hookCost],
  ["append", append],
  ["append-growth", appendGrowth],
  ["gate", gate],
  ["gate-burst", gateBurst],
  ["capture-burst", captureBurst],
  ["decide", decide],
  ["lifecycles", lifecycles],
  ["restart", restart],
  ["session", session],
  ["simulator", simulator],
  ["verify", verify],
  ["proof", proof],
  ["cap-proof", capProof],
  ["one-file", oneFile],
  ["receipts", receipts],
  ["map", map],
  ["metrics", metrics],
  ["outbound", outbound],
  ["page", page],
  ["scanner", scanner],
  ["views", views],
  ["disk", disk],
  ["status", status],
  ["history", history],
  ["csv", csv],
  ["collect", collect],
  ["encrypted-file", encryptedFile],
  ["vault", vault],
]

export async function run(options: RunOptions): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = []
  for (const [name, bench] of benches) {
    options.say(`${name}, load average ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} processors`)
    const measured = (await bench.run(options)) as readonly BenchRow[]
    rows.push(...measured.map((row) => ({ ...row, figure: `${name} · ${row.figure}` })))
  }
  return rows
}
