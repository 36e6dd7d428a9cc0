/** Commands about money, as an operator types them: what they change is on record, what is wrong with them is told, and nothing of that is recorded. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { makeRig, type Rig } from "../writer/rig.ts"

type Answer = { readonly status: number | null; readonly json: Readonly<Record<string, unknown>> }

const places = (rig: Rig) => ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]

async function ask(rig: Rig, ...words: readonly string[]): Promise<Answer> {
  const { status, stdout } = await rig.run([...words, "--json", ...places(rig)])
  return { status, json: JSON.parse(stdout || "{}") as Answer["json"] }
}

async function told(rig: Rig, ...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await rig.run([...words, ...places(rig)])
  return `${status} ${stdout}${stderr}`
}

const first = (json: Answer["json"], list: string) => (json[list] as readonly Readonly<Record<string, unknown>>[])[0]

describe("money on the command line", () => {
  test("a budget is set, listed, shown, lowered and removed; text and JSON say the same", async (t) => {
    const rig = makeRig(t)
    assert.equal((await ask(rig, "budget", "set", "daily", "--limit", "5usd", "--limit", "40 calls", "--match", "agent=main")).status, 0)
    assert.equal((await ask(rig, "spend", "agent:main", "--amount", "0.12usd", "--amount", "1 call", "--id", "one")).status, 0)
    assert.equal((await ask(rig, "spend", "agent:main", "--amount", "0.12usd", "--amount", "1 call", "--agent", "main", "--id", "one")).json["repeated"], true)
    const { json } = await ask(rig, "budget", "show", "daily")
    assert.deepEqual(
      [json["limit"], json["spent"], json["left"]],
      [
        { moneyNanos: "5000000000", calls: "40" },
        { moneyNanos: "120000000", calls: "1" },
        { moneyNanos: "4880000000", calls: "39" },
      ],
    )
    assert.match(
      await told(rig, "budget", "list"),
      /^0 daily {2}day {2}blocks {2}agent=main\n.*\$0\.12 spent of \$5\.00, \$4\.88 left\n.*1 call spent of 40 calls, 39 calls left\n/,
    )
    assert.equal((await ask(rig, "budget", "set", "daily", "--limit", "4usd", "--limit", "40 calls", "--match", "agent=main")).status, 0)
    assert.equal((await ask(rig, "budget", "remove", "daily")).status, 0)
    assert.match(await told(rig, "budget", "list"), /^0 There is no budget: nothing is refused/)
    assert.equal(rig.verify().verdict, "valid")
  })

  test("a forecast of one burst promises nothing, of what is gone says so, and a name nobody knows is a fault", async (t) => {
    const rig = makeRig(t)
    await ask(rig, "budget", "set", "daily", "--limit", "5usd", "--limit", "1 call")
    await ask(rig, "spend", "agent:main", "--amount", "0.12usd", "--amount", "1 call")
    const { status, json } = await ask(rig, "budget", "forecast", "daily")
    const [daily] = json["budgets"] as readonly {
      readonly units: readonly { readonly unit: string; readonly verdict: string; readonly goneAt: string | null }[]
    }[]
    assert.deepEqual([status, json["schemaVersion"]], [0, 1])
    assert.deepEqual(
      daily?.units.map(({ unit, verdict, goneAt }) => [unit, verdict, goneAt]),
      [
        ["moneyNanos", "unclear", null],
        ["calls", "gone", null],
      ],
    )
    assert.match(
      await told(rig, "budget", "forecast"),
      /^0 daily {2}day\n.*\$0\.12 spent, \$4\.88 left of \$5\.00\n.*\n {4}ahead {3}too little to tell, resets 00:00\n/,
    )
    assert.match(await told(rig, "budget", "forecast", "nightly"), /^[12] There is no budget/)
  })

  test("an allowance is set, listed, spent from, shown with its account and removed", async (t) => {
    const rig = makeRig(t)
    const set = ["allowance", "set", "pocket", "--to", "agent:main", "--give", "5usd", "--per", "month"]
    assert.match(await told(rig, ...set), /^0 pocket is in force: sovereign-ledger balance --account agent:main\n/)
    assert.equal((await ask(rig, ...set)).json["repeated"], true)
    assert.equal((await ask(rig, "spend", "agent:main", "--amount", "1.5usd")).status, 0)
    const { json } = await ask(rig, "allowance", "list")
    const allowance = first(json, "allowances")
    assert.deepEqual([allowance?.["left"], allowance?.["held"]], [{ moneyNanos: "3500000000" }, { moneyNanos: "0" }])
    assert.match(
      await told(rig, "allowance", "list"),
      /^0 pocket {2}\$5\.00 per month {2}budget:unallocated to agent:main\n {2}\$3\.50 left\n {2}next \d{4}-\d\d-01 00:00 UTC\n$/,
    )
    assert.match(
      await told(rig, "balance", "--account", "agent:main"),
      /^0 agent:main {2}\$3\.50 \(\$5\.00 allotted, \$1\.50 spent\); \$3\.50 to hold; allowance pocket: \$5\.00 from \d{4}-\d\d-01 00:00\n$/,
    )
    const circle = ["allowance", "set", "back", "--to", "budget:unallocated", "--give", "1usd", "--per", "day"]
    assert.match(await told(rig, ...circle), /^2 budget:unallocated gets no allowance/)
    assert.match(await told(rig, "allowance", "set", "x", "--to", "agent:main", "--give", "1usd"), /^2 Say how often: --per day/)
    assert.match(await told(rig, "allowance", "remove", "nobody"), /^1 Refused: there is no allowance nobody/)
    assert.equal((await ask(rig, "allowance", "remove", "pocket")).status, 0)
    assert.match(await told(rig, "allowance", "list"), /^0 There is no allowance\. One is made with/)
    assert.match(await told(rig, "balance", "--account", "agent:main"), /^0 agent:main {2}nothing|\$0/)
    assert.equal(rig.verify().verdict, "valid")
  })

  test("accounts are allotted, spend, are frozen and go on, and their balances add up", async (t) => {
    const rig = makeRig(t)
    assert.equal((await ask(rig, "allocate", "agent:main", "--amount", "2usd", "--reason", "November")).status, 0)
    assert.equal((await ask(rig, "spend", "agent:main", "--amount", "0.5usd")).status, 0)
    assert.equal((await ask(rig, "freeze", "agent:main", "--reason", "drill")).status, 0)
    const posted = (await ask(rig, "transfers", "--account", "agent:main")).json["transfers"] as readonly Readonly<Record<string, unknown>>[]
    assert.deepEqual(
      posted.map(({ kind, reason, movements }) => [kind, reason, movements]),
      [
        ["spend", null, [{ debit: "spent:unattributed", credit: "agent:main", amounts: { moneyNanos: "500000000" } }]],
        ["allocation", "November", [{ debit: "agent:main", credit: "budget:unallocated", amounts: { moneyNanos: "2000000000" } }]],
      ],
    )
    assert.match(
      await told(rig, "transfers"),
      /spend +agent:main -> spent:unattributed: \$0\.50 {2}\(counted\)\n.*allocation +budget:unallocated -> agent:main: \$2\.00 {2}\(November\)/,
    )
    const { json } = await ask(rig, "balance", "--account", "agent:main")
    const account = first(json, "accounts")
    assert.deepEqual([account?.["balance"], account?.["available"], account?.["frozen"]], [{ moneyNanos: "1500000000" }, { moneyNanos: "1500000000" }, "drill"])
    assert.match(await told(rig, "accounts"), /agent:main +\$1\.50 \(\$2\.00 allotted, \$0\.50 spent\); \$1\.50 to hold; frozen: drill/)
    assert.equal((await ask(rig, "unfreeze", "agent:main")).status, 0)
    assert.match(await told(rig, "unfreeze", "agent:main"), /^0 agent:main was not frozen/)
  })

  test("loosening needs the credential once there is one, tightening does not", async (t) => {
    const rig = makeRig(t)
    const file = join(rig.root, "credential")
    writeFileSync(file, "only the operator knows\n")
    await ask(rig, "budget", "set", "daily", "--limit", "5usd")
    assert.equal((await ask(rig, "operator", "set-credential", "--new-file", file)).status, 0)
    assert.match(
      await told(rig, "budget", "set", "daily", "--limit", "6usd"),
      /^1 Refused: a looser budget daily needs the operator's credential\.\nGive it with --credential-file/,
    )
    assert.equal((await ask(rig, "budget", "set", "daily", "--limit", "4usd")).status, 0)
    const { status, stdout } = await rig.run(["budget", "set", "daily", "--limit", "6usd", "--json", ...places(rig)], {
      env: { SOVEREIGN_LEDGER_CREDENTIAL: "a wrong guess" },
    })
    assert.deepEqual([status, (JSON.parse(stdout) as { refused: { why: string } }).refused.why], [1, "credential"])
    assert.equal((await ask(rig, "budget", "set", "daily", "--limit", "6usd", "--credential-file", file)).status, 0)
    assert.equal(rig.entries("change.refused").length, 2)
    const stored = JSON.stringify(rig.entries("operator.credential-set"))
    assert.equal(stored.includes("operator knows"), false)
  })

  test("what is wrong is told by a sentence, with exit status 2, and nothing of it is recorded", async (t) => {
    const rig = makeRig(t)
    for (const [words, problem] of [
      [["budget", "set", "daily", "--limit", "-5usd"], /it is negative/],
      [["budget", "set", "daily", "--limit", "NaN"], /it is not a plain decimal number/],
      [["budget", "set", "daily", "--limit", "1e400usd"], /"1e400usd" is not an amount/],
      [["budget", "set", "daily", "--limit", "5parsecs"], /the unit "parsecs" is not known/],
      [["budget", "set", "daily", "--limit", "5usd", "--limit", "6usd"], /Two amounts of one unit/],
      [["budget", "set", "daily"], /has no limit/],
      [["budget", "set", "daily", "--limit", "5usd", "--per", "week"], /is for a day/],
      [["budget", "set", "sometimes", "--limit", "5usd"], /Say for which period/],
      [["budget", "set", "daily", "--limit", "0usd", "--warn", "80"], /allows nothing/],
      [["budget", "set", "x", "--limit", "5usd", "--per", "rolling 24h", "--rollover"], /nothing can roll over/],
      [["budget", "set", "daily", "--limit", "5usd", "--zone", "Mars/Olympus"], /is no time zone/],
      [["budget", "set", "daily", "--limit", "5usd", "--match", "colour=red"], /colour/],
      [["budget", "show", "nobody"], /There is no budget nobody/],
      [["allocate", "agent:main"], /Say how much/],
      [["allocate", "wrong", "--amount", "5usd"], /is not the name of an account/],
      [["spend", "agent:main", "--amount", "0.0000000001usd"], /too many decimals/],
      [["balance", "--account", "x:y"], /is not the name of an account/],
      [["operator", "set-credential"], /Say what the new credential is/],
    ] as const) {
      const answer = await told(rig, ...words)
      assert.match(answer, /^2 /, words.join(" "))
      assert.match(answer, problem)
    }
    assert.equal(rig.entries("budget.set").length + rig.entries("transfer.posted").length, 0)
  })
})
