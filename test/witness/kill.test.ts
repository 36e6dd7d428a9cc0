/** A witness that is killed while it works. */
import { test } from "node:test"
import { witnessKillRun } from "./kill-run.ts"

test("6 x 2 kills of a witness's processes under two racing histories", (t) => witnessKillRun(t, 6))
