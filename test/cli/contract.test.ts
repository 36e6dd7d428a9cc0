/**
 * The command lines that users of OpenClaw audit trails know: each of their flags is taken, with its cap; what is zero, no number or over its cap is refused by the
 * flag's name; and all of it makes sense on a ledger that does not exist yet, on an empty one, and with something in it.
 */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import { temporaryLedger } from "../ledger-fixture.ts"
import { flagsOf, makeHome } from "./home.ts"

/** Flags with a number: the highest one that is taken. */
const numbers: Readonly<Record<string, Readonly<Record<string, number | undefined>>>> = {
  "events list": { "--last": undefined, "--limit": undefined },
  "report daily": { "--dup-window-sec": 3_600, "--lookback-days": 365, "--top-tools": 1_000 },
  "report weekly": { "--dup-window-sec": 3_600, "--lookback-days": 365, "--top-tools": 1_000 },
  "report cron nightly": { "--last": 1_000 },
  "report session agent:main:main": { "--limit": 50_000 },
  anomalies: { "--dup-window-sec": 86_400, "--lookback-days": 365, "--denial-window-sec": 86_400, "--denial-threshold": 1_000_000 },
  spend: { "--limit": 100_000 },
  "export json": { "--limit": undefined },
}

/** Flags that take words, or none. */
const words: readonly string[] = [
  "status --json",
  "events list --limit 5 --offset 1 --type tool.invoked --category tool --session agent:main:main --json",
  "list --last 5 --json",
  "verify --from 0 --to 3 --json",
  "inventory --json",
  ...["plugins", "skills", "tools", "workspace", "crons"].map((kind) => `inventory ${kind} --json`),
  "report daily --date 2026-11-20 --tz local --json",
  "report daily --tz Europe/Berlin --html",
  "report weekly --week 2026-W47 --tz utc --json",
  "report cron nightly --last 3 --json",
  "report session agent:main:main --raw --include-metadata --json",
  "anomalies --since 48h --until 1h --tz utc --json",
  "anomalies --html",
  "report anomalies --json",
  "spend --by provider --since 30d --until 1m --tz local --json",
  "spend --by model,day,session,agent,subagent,project,tool,channel,sender,cron --json",
  "export json --type tool.invoked --category tool --session agent:main:main --from 0 --to 9 --limit 3",
  "export csv --security-only",
  "export --include-content",
  "smt root",
  "smt trees",
]

const refusedWords: readonly (readonly [command: string, named: RegExp])[] = [
  ["events list --tz nowhere", /unknown option|--tz/],
  ["report daily --date 2026-02-30", /--date/],
  ["report daily --tz Mars/Olympus", /--tz/],
  ["report weekly --week 2026-W54", /--week/],
  ["spend --since yesterday", /--since/],
  ["spend --since 1h --until 2h", /--until must be after --since/],
  ["anomalies --since 2026-11-20T00:00:00", /--since/],
  ["inventory everything", /everything/],
  ["report session ", /session/i],
]

describe("the command lines of the contract", { concurrency: 2 }, () => {
  const home = makeHome({ after })
  const empty = temporaryLedger({ after })
  const filled = temporaryLedger({ after })
  empty.close()
  filled.append(60)
  filled.checkpoint()
  filled.close()
  const run = (command: string, flags: readonly string[]) => home.run([...command.split(" "), ...flags])

  for (const command of words) {
    test(command, async () => {
      for (const [what, ledger] of [["empty", empty] as const, ["with sixty events", filled] as const]) {
        const { exit, stdout, stderr } = await run(command, flagsOf(ledger))
        assert.equal(exit, 0, `${what}: ${stderr}`)
        if (command.includes("--json")) assert.equal(typeof (JSON.parse(stdout) as { schemaVersion?: unknown }).schemaVersion, "number", what)
        if (command.includes("--html")) assert.match(stdout, /^<!doctype html>/i)
        assert.ok(!/undefined|NaN|\[object /.test(stdout), `${what}: ${stdout}`)
      }
      const { exit, stdout, stderr } = await run(command, ["--data-dir", "nothing-here"])
      if (command.startsWith("status") || command.startsWith("inventory")) return assert.equal(exit, 0, stderr)
      assert.ok(
        exit === 2 && /\n.*sovereign-ledger (?:setup|key create)|key create/.test(command.includes("--json") ? stdout + stderr : stderr),
        stdout + stderr,
      )
    })
  }

  for (const [command, flags] of Object.entries(numbers)) {
    for (const [flag, cap] of Object.entries(flags)) {
      test(`${command} ${flag}`, async () => {
        const asked = (value: string) => run(command, [flag, value, ...flagsOf(filled)])
        const taken = await asked(String(cap ?? 7))
        assert.equal(taken.exit, 0, taken.stderr)
        for (const value of ["0", "ten", ...(cap === undefined ? [] : [String(cap + 1)])]) {
          const refused = await asked(value)
          assert.equal(refused.exit, 2, `${value}: ${refused.stdout}`)
          assert.match(refused.stderr, new RegExp(flag), value)
        }
      })
    }
  }

  for (const [command, named] of refusedWords) {
    test(`refused: ${command}`, async () => {
      const { exit, stderr } = await home.run([...command.split(" "), ...flagsOf(filled)])
      assert.ok(exit === 1 || exit === 2, `exit ${exit}`)
      assert.match(stderr, named)
      assert.ok(!/\n {4}at /.test(stderr), "no stack trace")
    })
  }
})
