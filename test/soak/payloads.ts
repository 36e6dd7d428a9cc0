/** More than half a million random payloads through every mapper and the encoder. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import type { RunOptions } from "../../scripts/runnable.ts"
import { hookRows } from "../../src/capture/hook-rows.ts"

export const about = "ten times the random payloads of the suites, 15,000 and more for each mapper: no throw, no event without its required facts"

const suites = ["test/capture/mappers.test.ts", "test/capture/encode.test.ts", "test/capture/redact.test.ts"]
const root = join(import.meta.dirname, "../..")
const propertiesPerMapper = 3
const payloadsPerProperty = 5_000

export async function run({ say }: RunOptions): Promise<void> {
  const perMapper = propertiesPerMapper * payloadsPerProperty
  say(`${perMapper} payloads for each of ${hookRows.length} mappers, ${perMapper * hookRows.length} in all; some minutes`)
  const child = spawn(process.execPath, ["--test", "--test-reporter=dot", ...suites], {
    cwd: root,
    env: { ...process.env, SOAK: "1" },
    stdio: ["ignore", 2, 2],
  })
  const status = await new Promise((resolve) => child.once("close", resolve))
  if (status !== 0) throw new Error(`the suites ended with ${String(status)}`)
}
