/** The master key from a program: run without a shell, once a process; everything it can do wrong is a sentence, and no other key is taken instead. */
import assert from "node:assert/strict"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeEach, describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { forgetKeyCommands, isKeyCommand, parseKeyCommand, runKeyCommand } from "../../src/vault/key-command.ts"
import { findMasterSecret, masterKeyVariable, writeKey } from "../../src/vault/master-key.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"

const key = writeKey(Buffer.alloc(32, 4))
const node = (script: string, ...words: readonly string[]) => [process.execPath, "-e", script, ...words]
const failed = (words: RegExp) => (error: unknown) =>
  error instanceof Fault && error.code === "key.command-failed" && error.exitStatus === 2 && words.test(error.message) && /Run it by hand/.test(error.remedy)

beforeEach(forgetKeyCommands)

describe("a key command", () => {
  test("gives what it prints, whatever a shell would make of its words", (t) => {
    const file = join(temporaryDirectory(t), "made by a shell")
    const words = [`$(touch '${file}')`, "a b", '"quoted"', "; exit 1", "*", ""]
    assert.deepEqual(JSON.parse(runKeyCommand(node("console.log(JSON.stringify(process.argv.slice(1)))", "--", ...words))), words)
    assert.ok(!existsSync(file))
    assert.equal(runKeyCommand(node(`console.log("  ${key}  \\n")`)), key)
  })

  test("is run once, until it may have another to say, and has nothing on its standard input", (t) => {
    const file = join(temporaryDirectory(t), "runs")
    writeFileSync(file, "")
    const command = node(`fs.appendFileSync(${JSON.stringify(file)}, "x"); console.log("read " + fs.readFileSync(0).length)`)
    for (let count = 0; count < 3; count++) assert.equal(runKeyCommand(command), "read 0")
    assert.equal(readFileSync(file, "utf8"), "x")
    forgetKeyCommands()
    runKeyCommand(command)
    assert.equal(readFileSync(file, "utf8"), "xx")
  })

  for (const [what, command, words] of [
    ["that is not there", ["/nowhere/key-helper"], /^The key command \/nowhere\/key-helper gave no master key: there is no such program\.$/],
    [
      "that fails, in its own words",
      node('console.error("vault is locked\\nmore"); process.exit(3)'),
      /: it ended with status 3, and said: vault is locked\.$/,
    ],
    ["that is killed", node('process.kill(process.pid, "SIGKILL")'), /: it ended with SIGKILL\.$/],
    ["that prints nothing", node('console.log("  ")'), /: it printed nothing\.$/],
    ["that prints without end", node('for (;;) fs.writeSync(1, "x".repeat(1000))'), /: it printed more than 65536 bytes\.$/],
  ] as const) {
    test(`${what}`, () => assert.throws(() => runKeyCommand(command), failed(words)))
  }

  test("that failed is asked again, and no key is looked for elsewhere", (t) => {
    const directory = temporaryDirectory(t)
    const [keyFile, state] = [join(directory, "master.key"), join(directory, "state")]
    writeFileSync(keyFile, key, { mode: 0o600 })
    const keyCommand = node(`if (!fs.existsSync(${JSON.stringify(state)})) process.exit(1); console.log(${JSON.stringify(key)})`)
    const places = { keyCommand, keyFile, hostSecret: key, environment: { [masterKeyVariable]: key } }
    assert.throws(() => findMasterSecret(places), failed(/status 1/))
    writeFileSync(state, "")
    assert.deepEqual(findMasterSecret(places), { source: "key command", where: process.execPath, text: key })
  })
})

describe("a key command as it is written", () => {
  test("is a list of words, or one program", () => {
    assert.deepEqual(parseKeyCommand('["pass", "show", "a b"]'), ["pass", "show", "a b"])
    assert.deepEqual(parseKeyCommand("/opt/my helpers/key"), ["/opt/my helpers/key"])
    for (const text of ["[]", "[1]", '["a"', '[""]', '["a", null]', '["a\\u0000b"]', "[[]]"]) {
      assert.throws(
        () => parseKeyCommand(text),
        (error) => error instanceof Fault && error.code === "cli.usage",
      )
    }
    for (const value of [undefined, null, "pass", {}, [], [["pass"]]]) assert.equal(isKeyCommand(value), false)
  })
})
