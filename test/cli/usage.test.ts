/** What those are told who do not know the command line yet: help with examples, and mistakes answered with a sentence and a remedy. */
import assert from "node:assert/strict"
import { readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { after, before, describe, test } from "node:test"
import { commands, groups } from "../../src/surfaces/cli/command-list.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { cliSource, holds, jsonOf, makeHome, type Said } from "./home.ts"

/** `json`: asked with --json too; each kind of mistake is once. `remedy`: as a text, whose help it names: the command's, or that of the group or program. */
type Mistake = { readonly command: string; readonly json?: true; readonly code?: string; readonly message: RegExp; readonly remedy: RegExp | string }

const helpOf = (command: string) => new RegExp(`^sovereign-ledger ${command}${command && " "}--help tells how it is used\\.$`)
const files = temporaryDirectory({ after })
const exportRemedy = /^Name a file made with sovereign-ledger export json --out FILE/
const create = /sovereign-ledger key create/

const mistakes: readonly Mistake[] = [
  { command: "nonsense", json: true, message: /^Unknown command 'nonsense'\.$/, remedy: "" },
  { command: "--nonsense status", message: /^Unknown option '--nonsense'\.$/, remedy: "status" },
  { command: "events nonsense", message: /^Unknown command 'nonsense'\.$/, remedy: "events" },
  { command: "status --nonsense", json: true, message: /^Unknown option '--nonsense'\.$/, remedy: "status" },
  { command: "status more", message: /^Too many arguments/, remedy: "status" },
  { command: "events show", json: true, message: /^Missing required argument 'event'\.$/, remedy: "events show" },
  { command: "key backup", message: /^Missing required argument 'file'\.$/, remedy: "key backup" },
  { command: "events list --type", message: /^Option '--type <type>' argument missing\.$/, remedy: "events list" },
  { command: "events list --last soon", json: true, message: /^--last takes a whole number from 1 to 100,000, not "soon"\.$/, remedy: "events list" },
  { command: "list --last 0", message: /^--last takes a whole number from 1/, remedy: "list" },
  { command: "events list --from -1", message: /^--from takes a whole number from 0/, remedy: "events list" },
  { command: "export csv --limit 1e9", message: /^--limit takes a whole number/, remedy: "export csv" },
  {
    command: "events list --type tool.flown",
    json: true,
    message: /^There is no event type "tool\.flown"; the types are journal\.opened, .*tool\.denied/,
    remedy: "events list",
  },
  {
    command: "events follow --category tools",
    json: true,
    message: /^There is no category "tools"; the categories are system, .*tool/,
    remedy: "events follow",
  },
  { command: "verify --offline x --key nonsense", message: /^That is not a verifier key/, remedy: "verify" },
  { command: "verify --witness nonsense", json: true, message: /^That is not the verifier key of a witness: it reads name\+hash\+key/, remedy: "verify" },
  { command: "witness serve", json: true, message: /^Say where the witness keeps what it has seen: --state DIR\.$/, remedy: "witness serve" },
  {
    command: "witness serve --state w --listen here",
    message: /^--listen takes HOST:PORT, such as 127\.0\.0\.1:7380 or \[::1\]:7380, not "here"\.$/,
    remedy: "witness serve",
  },
  { command: "witness serve --state w --name a+b", message: /^--name takes 1 to 255 characters without spaces and \+/, remedy: "witness serve" },
  {
    command: "witness serve --state w --listen 0.0.0.0:7380",
    json: true,
    code: "witness.not-loopback",
    message: /^0\.0\.0\.0:7380 can be reached from other machines\.$/,
    remedy: /--allow-network/,
  },
  { command: "witness add --state w", message: /^Say which key signs the log's checkpoints: --key VERIFIERKEY\.$/, remedy: "witness add" },
  { command: "witness check", code: "store.absent", message: /^There is no ledger in/, remedy: create },
  { command: "writer --witness nonsense", message: /^That is not the verifier key of a witness/, remedy: "writer" },
  { command: "writer --commit-delay-ms soon", message: /^--commit-delay-ms takes a whole number/, remedy: "writer" },
  { command: "events list", json: true, code: "store.absent", message: /^There is no ledger in \S+\.$/, remedy: create },
  { command: "verify", code: "store.absent", message: /^There is no ledger in/, remedy: create },
  { command: "export json", code: "store.absent", message: /^There is no ledger in/, remedy: create },
  { command: "key status", code: "store.absent", message: /^There is no ledger in/, remedy: create },
  { command: "help nonsense", json: true, message: /^There is no command "nonsense"\.$/, remedy: "" },
  { command: "help events nonsense", message: /^There is no command "events nonsense"\.$/, remedy: "events" },
  { command: "evnts", message: /^Unknown command 'evnts' \(Did you mean events\?\)\.$/, remedy: "" },
  { command: "status --data-dir ", message: /^--data-dir was given an empty text\.$/, remedy: "status" },
  { command: "writer --data-dir ", message: /^--data-dir was given an empty text\.$/, remedy: "writer" },
  { command: "verify --offline ", message: /^--offline was given an empty text\.$/, remedy: "verify" },
  { command: "events show ", message: /^The argument <event> is an empty text\.$/, remedy: "events show" },
  {
    command: "verify --offline absent.ndjson",
    json: true,
    code: "export.unreadable",
    message: /^absent\.ndjson is not an export .*ENOENT/,
    remedy: exportRemedy,
  },
  { command: `verify --offline ${files}`, code: "export.unreadable", message: /is not an export .*EISDIR/, remedy: exportRemedy },
  { command: `verify --offline ${files}/binary`, code: "export.unreadable", message: /is not an export .*not UTF-8\.$/, remedy: exportRemedy },
  { command: `verify --offline ${files}/empty`, code: "export.unreadable", message: /is not an export .*as if it were cut short\.$/, remedy: exportRemedy },
  { command: `verify --offline ${files}/other`, code: "export.unreadable", message: /is not an export .*as if it were cut short\.$/, remedy: exportRemedy },
  { command: "usage --against-host absent.json", code: "cli.file-unreadable", message: /^absent\.json cannot be read: .*ENOENT/, remedy: /Check the path/ },
  {
    command: `usage --against-host ${files}/other`,
    json: true,
    code: "usage.unreadable",
    message: /\/other is not the host's own figure of usage: it has no list of days \(daily\)\.$/,
    remedy: /openclaw gateway usage-cost --json/,
  },
  { command: `usage --against-host ${files}/empty`, code: "usage.unreadable", message: /: it is no JSON \(/, remedy: /openclaw gateway usage-cost --json/ },
  { command: "usage --against-host x --by day", message: /^--by does not go with --against-host/, remedy: "usage" },
  { command: "usage --agent main", json: true, message: /^--agent goes with --against-host FILE\.$/, remedy: "usage" },
  // Not quoted: what is taken for a backup may be a key.
  {
    command: `key restore ${files}/master.key`,
    code: "backup.unreadable",
    message: /\/master\.key is not a key backup that can be read: it is not JSON\.$/,
    remedy: /key backup FILE/,
  },
  {
    command: "key restore absent.json",
    json: true,
    code: "backup.unreadable",
    message: /absent\.json is not a key backup .*ENOENT/,
    remedy: /key backup FILE/,
  },
]

describe("help", { concurrency: 4 }, () => {
  after(() => assert.deepEqual(readdirSync(home.directory), [], "asking for help leaves nothing behind"))
  const home = makeHome({ after })

  test("the commands are named, and what the exit status means", async () => {
    const said = await home.run("--help")
    holds(said, { exit: 0, stdout: /Exit status: 0 done or good, 1 checked and not good, 2 bad input/ })
    for (const { path } of commands) assert.match(said.stdout, new RegExp(`^  ${path.split(" ")[0]} `, "m"))
    for (const group of Object.keys(groups)) assert.match(said.stdout, new RegExp(`^  ${group} `, "m"))
  })

  test("a group alone asks which", async () => {
    await home.check({ command: "key", exit: 2, stderr: /^No command was named\.\nsovereign-ledger key --help shows the commands\.\n$/ })
    const { error } = jsonOf<{ error: Record<string, string> }>(await home.run("--json"))
    assert.deepEqual([error["code"], error["remedy"]], ["cli.no-command", "sovereign-ledger --help shows the commands."])
  })

  test("help and a command's name are its help", async () => {
    for (const [words, path] of [
      ["help", ""],
      ["help events", " events"],
      ["help events list", " events list"],
    ] as const) {
      holds(await home.run(words), { exit: 0, stdout: new RegExp(`^Usage: sovereign-ledger${path} \\[options\\]`) })
    }
  })

  test("what is shown of a name cannot move the cursor", async () => {
    holds(await home.run(["events", "list", "--data-dir", "a\u001b[31mb"]), { exit: 2, stderr: /a\\u001b\[31mb\.\n/ })
  })

  test("--version is one line", () => home.check({ command: "--version", exit: 0, stdout: /^\S+\n$/ }))

  describe("of every command, asked for in one process", () => {
    const paths = [...commands.map((row) => row.path), "writer"]
    let helps: readonly string[] = []
    before(async () => {
      const program = pathToFileURL(join(import.meta.dirname, "../../src/surfaces/cli/program.ts")).href
      const script = `import { runProgram } from ${JSON.stringify(program)}
        for (const path of ${JSON.stringify(paths)}) {
          await runProgram([...path.split(" "), "--help"], "sovereign-ledger")
          process.stdout.write("\\0")
        }`
      const { exit, stdout } = await home.start([], [process.execPath, "--no-warnings", "--input-type=module", "--eval", script]).ended
      assert.equal(exit, 0)
      helps = stdout.split("\0")
    })

    for (const [at, path] of paths.entries()) {
      test(`${path} --help shows an example`, () =>
        assert.match(helps[at] ?? "", new RegExp(`^Usage: sovereign-ledger ${path} [^]*\\nExamples?:\\n  sovereign-ledger `)))
    }
  })
})

describe("flags of every command", { concurrency: 4 }, () => {
  after(() => assert.deepEqual(readdirSync(home.directory), [], "nothing is left behind"))
  const home = makeHome({ after })
  const directoryOf = async (command: string) => jsonOf<{ directory: string }>(await home.run(command)).directory

  for (const command of [
    "--data-dir one status --json",
    "--json status --data-dir one",
    "--json --data-dir one status",
    "--data-dir two --json status --data-dir one",
  ]) {
    test(`${command}: before the command or after it, and what is nearer wins`, async () => {
      assert.equal(await directoryOf(command), join(home.directory, "one"))
    })
  }

  test("between the words of a command too", async () => {
    const said = await home.run("--data-dir one events --data-dir two --json list")
    holds(said, { exit: 2, stdout: /^\{/ })
    assert.match(jsonOf<{ error: { message: string } }>(said).error.message, /no ledger in \S+two\.$/)
  })

  test("the writer takes them", async () => {
    const said = await home.run("--json --data-dir /dev/null/none writer")
    holds(said, { exit: 2, stdout: /^\{/ })
    assert.match(jsonOf<{ error: { message: string } }>(said).error.message, /^Writing to \/dev\/null\/none failed/)
  })
})

test("a bug of ours is JSON on standard output, its stack is on standard error only", async (t) => {
  const home = makeHome(t)
  const broken = 'data:text/javascript,Date.now=()=>{throw new TypeError("the clock is broken")}'
  const node = [process.execPath, "--no-warnings", "--import", broken, cliSource]
  const inJson = await home.start(["status", "--json"], node).ended
  assert.equal(inJson.exit, 2)
  assert.deepEqual(jsonOf(inJson), {
    schemaVersion: 1,
    error: {
      code: "internal",
      message: "This is a bug in Sovereign Ledger 0.0.0-source: the clock is broken.",
      remedy: "Please report it, with what stands on standard error.",
    },
  })
  const inWords = await home.start(["status"], node).ended
  assert.deepEqual([inWords.exit, inWords.stdout], [2, ""])
  for (const { stderr } of [inJson, inWords]) assert.match(stderr, /^This is a bug in [^\n]+\nPlease report it[^\n]+\nTypeError: the clock is broken\n {4}at /)
})

describe("mistakes", { concurrency: 4 }, () => {
  const asked = mistakes.flatMap(({ command, json }) => (json ? [command, `${command} --json`] : [command]))
  const answers = new Map<string, Said>()
  const answerTo = (command: string): Said => answers.get(command) ?? assert.fail(`${command} was not answered`)
  before(async () => {
    writeFileSync(join(files, "binary"), Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 256)))
    writeFileSync(join(files, "empty"), "")
    writeFileSync(join(files, "other"), '{"some":"thing"}\n')
    writeFileSync(join(files, "master.key"), `${"AbCd1234".repeat(8)}\n`)
    for (const command of asked) answers.set(command, await home.run(command))
  })
  after(() => assert.deepEqual(readdirSync(home.directory), [], "a mistake leaves nothing behind"))
  const home = makeHome({ after })

  for (const { command, json, code = "cli.usage", message, remedy } of mistakes) {
    test(`${command}: a sentence and a remedy${json ? ", with --json too" : ""}`, async () => {
      const said = answerTo(command)
      holds(said, { exit: 2, stderr: /^[^\n]+\n[^\n]+\n$/ })
      const [sentence = "", advice = ""] = said.stderr.split("\n")
      assert.match(sentence, message)
      assert.match(advice, typeof remedy === "string" ? helpOf(remedy) : remedy)
      if (!json) return
      const asJson = answerTo(`${command} --json`)
      holds(asJson, { exit: 2, stdout: /^\{/ })
      assert.deepEqual(jsonOf(asJson), { schemaVersion: 1, error: { code, message: sentence, remedy: advice } })
    })
  }

  test("a process of its own says the same", async () => {
    for (const [at, command] of asked.entries()) if (at % 16 === 0) assert.deepEqual(await home.start(command.split(" ")).ended, answerTo(command))
  })

  test("a host's configuration that cannot be read is not guessed around", async () => {
    const other = makeHome({ after })
    writeFileSync(join(other.directory, "broken.json"), "{ not json")
    const said = await other.start(
      ["status", "--json"],
      ["env", `OPENCLAW_CONFIG_PATH=${join(other.directory, "broken.json")}`, process.execPath, "--no-warnings", cliSource],
    ).ended
    assert.equal(said.exit, 2)
    assert.equal(jsonOf<{ error: { code: string } }>(said).error.code, "host.config-unreadable")
  })
})
