/** Sessions at a terminal: the commands of reports, each with the whole of what it says. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { runCommand } from "../commands/command-process.ts"
import { busyDays, jobId } from "../views/reported-ledger.ts"

const ledger = busyDays({ after })
ledger.close()

// The host whose ledger it is has one job.
const state = dirname(ledger.directory)
mkdirSync(join(state, "cron"))
const job = { id: jobId, name: "nightly", schedule: { kind: "cron", expr: "0 3 * * *", tz: "UTC" } }
writeFileSync(join(state, "cron", "jobs.json"), JSON.stringify({ jobs: [job] }))

async function run(...args: readonly string[]) {
  const { status, stdout, stderr } = await runCommand([...args, "--data-dir", ledger.directory, "--key-file", ledger.places.keyFile])
  return { status, stdout: stdout.replace(/\b[0-9a-f]{64}\b/g, "HASH"), stderr }
}

const daily = `2026-11-17  Daily report
2026-11-17 00:00 to 2026-11-18 00:00 UTC

events         28
model calls    3, $0.03
messages sent  6, 1 failed
jobs           2 executed, 1 failed
anomalies      3

Activity
category  events
tool          10
message        7
prompt         6
cron           4
agent          1

Model spend
model                        calls  tokens     cost
anthropic/claude-sonnet-4-5      1     110    $0.03
anthropic/claude-haiku-4-5       2     220  $0.0025

Top tools
tool       calls  failed  denied
exec           3       1       0
web_fetch      1       0       0
2 of 3 tools; --top-tools shows more.

Messages sent
channel   sent  failed
telegram     5       0
whatsapp     1       1

Jobs
what happened   times
cron.executed       2
cron.completed      1
cron.failed         1

Configured jobs
name     schedule              id
nightly  cron 0 3 * * * (UTC)  ${jobId}
As they are now, by the host's cron/jobs.json.

Sent more than once
channel   recipient  times  from                 to                   events
telegram  4242           2  2026-11-17 08:03:00  2026-11-17 08:03:20  #20 #21

Tools seen for the first time
tool       calls  first within 15 minutes of
web_fetch      1  2026-11-17 08:00
write          1  2026-11-17 08:00

Integrity
what             where                                        hash or root
last entry       #38 at 2026-11-18T11:06:40.038Z              HASH
last checkpoint  39 entries, stored 2026-11-18T11:06:40.039Z  HASH
No checkpoint is anchored with a third party. sovereign-ledger verify checks all of it.
`

const cron = `nightly  Job report
cron 0 3 * * * (UTC) · ${jobId}

executions  3
shown       2, 1 failed
their cost  $0.00

Executions, newest first
started               took  status      tools  calls   cost  sent  session                                               error
2026-11-18 03:00:00      -  incomplete      -      0  $0.00     -  agent:main:cron:${jobId}
2026-11-17 04:00:00  5.0 s  failed          -      0  $0.00     -  agent:main:cron:${jobId}  model is gone\\u000a
2 of 3; --last shows more.
`

describe("reports at a terminal", () => {
  test("report daily", async () => {
    assert.deepEqual(await run("report", "daily", "--date", "2026-11-17", "--top-tools", "2"), { status: 0, stdout: daily, stderr: "" })
  })

  test("report weekly is of the week, and of this one where none is named", async () => {
    const { status, stdout } = await run("report", "weekly", "--week", "2026-W47", "--tz", "Europe/Berlin")
    assert.equal(status, 0)
    assert.match(stdout, /^2026-W47 {2}Weekly report\n2026-11-15 23:00 to 2026-11-22 23:00 UTC · a week in Europe\/Berlin\n\nevents {9}39\n/)
    const { stdout: now } = await run("report", "weekly", "--json")
    assert.match(now, /"label":"\d{4}-W\d\d","tz":"UTC"/)
  })

  test("report cron", async () => {
    assert.deepEqual(await run("report", "cron", "nightly", "--last", "2"), { status: 0, stdout: cron, stderr: "" })
    const { stdout } = await run("report", "cron", jobId, "--csv")
    assert.deepEqual(
      stdout.split("\r\n").map((line) => line.split(",").slice(8, 10).join(",")),
      ["status,error", "incomplete,", 'failed,"model is gone\n"', "ok,", ""],
    )
  })

  test("report session", async () => {
    const { status, stdout } = await run("report", "session", `agent:main:cron:${jobId}:run:1`)
    assert.equal(status, 0)
    assert.match(stdout, /^agent:main:cron:.*:run:1 {2}Session report\n2026-11-17 03:00:01 to 2026-11-17 03:00:03 UTC · 2\.0 s · job 6521e38e-/)
    assert.match(stdout, /\n2026-11-17 03:00:02 {2}#28 {4}tool\.invoked {4}exec asked for: recorded first, then allowed\n/)
    assert.match(stdout, /lead to the signed root {11}5\n/)
    const none = await run("report", "session", "agent:nobody")
    assert.deepEqual([none.status, /Nothing is on record of this session/.test(none.stdout)], [0, true])
    const empty = await run("report", "session", "")
    assert.deepEqual([empty.status, empty.stdout], [1, ""])
    assert.match(empty.stderr, /an empty text is none/)
  })

  test("a page has everything in it, and needs nothing else", async () => {
    for (const args of [["daily", "--date", "2026-11-17"], ["weekly"], ["cron", "nightly"], ["session", "agent:main:main"]]) {
      const { stdout, status } = await run("report", ...args, "--html")
      assert.equal(status, 0)
      assert.match(stdout, /^<!doctype html>\n/)
      assert.match(stdout, /<\/html>\n$/)
      assert.doesNotMatch(stdout, /<(?:script|img|link|iframe|object)|\b(?:src|href|on\w+)=|url\(/i)
      assert.match(stdout, /default-src 'none'; style-src 'sha256-/)
    }
  })

  const wrong: readonly (readonly [args: readonly string[], stderr: RegExp])[] = [
    [["report", "daily", "--date", "2026-02-30"], /^--date takes a day of the calendar such as 2026-11-30, not "2026-02-30"/],
    [["report", "daily", "--tz", "Berlin"], /^--tz takes utc, local or an IANA zone/],
    [["report", "daily", "--dup-window-sec", "3601"], /^--dup-window-sec takes a whole number from 1 to 3,600/],
    [["report", "daily", "--lookback-days", "0"], /^--lookback-days takes a whole number from 1 to 365/],
    [["report", "daily", "--top-tools", "ten"], /^--top-tools takes a whole number from 1 to 1,000, not "ten"/],
    [["report", "weekly", "--week", "2025-W53"], /^--week takes an ISO week such as 2026-W49/],
    [["report", "cron", "nightly", "--last", "1001"], /^--last takes a whole number from 1 to 1,000/],
    [["report", "session", "x", "--limit", "50001"], /^--limit takes a whole number from 1 to 50,000/],
    [["report"], /.*/],
  ]
  for (const [args, stderr] of wrong) {
    test(`refused: ${args.join(" ")}`, async () => {
      const said = await run(...args)
      assert.deepEqual([said.status, said.stdout], [2, ""])
      assert.match(said.stderr, stderr)
    })
  }

  test("on a fresh install there is a sentence and the next step", async () => {
    const said = await runCommand(["report", "daily", "--data-dir", "/nonexistent/ledger"])
    assert.equal(said.status, 2)
    assert.match(said.stderr, /\n.*sovereign-ledger /)
  })
})
