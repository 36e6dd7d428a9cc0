/** Orders that are badly written: a sentence, a remedy and exit 2, and no writer is started for them. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { makeRig } from "../writer/rig.ts"

const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
  [["freeze", "robot:main"], /is not the name of an account/],
  [["unfreeze", "robot:main"], /is not the name of an account/],
  [["allocate", "agent:main", "--amount", "1usd", "--from", "nowhere"], /is not the name of an account/],
  [["budget", "set", "daily", "--limit", "5usd", "--warn", "120"], /from 1 to 100 percent/],
  [["budget", "set", "daily", "--limit", "5usd", "--mode", "ask"], /is no mode of a budget/],
  [["budget", "set", "daily", "--limit", "5usd", "--match", "agent=a", "--match", "agent=b"], /^agent is matched twice/],
]

describe("orders that are badly written start no writer", () => {
  for (const [args, message] of mistakes) {
    test(args.join(" "), async (t) => {
      const rig = makeRig(t)
      const { status, stdout, stderr } = await rig.run([...args, "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote])
      assert.deepEqual([status, stdout], [2, ""])
      assert.match(stderr, message)
      assert.match(stderr, /^[^\n]+\nsovereign-ledger [a-z ]+ --help tells how it is used\.\n$/)
      assert.deepEqual(rig.entries("writer.started"), [], "nothing is recorded, not even that a writer began")
    })
  }
})
