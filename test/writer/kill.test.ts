/** kill -9 of the writer under load; `npm run soak -- writer-kill` does thirty. */
import { test } from "node:test"
import { killRun } from "./kill-run.ts"

test("three kills of the writer under load: nothing answered is lost, nothing is doubled, work goes on", () => killRun(3))
